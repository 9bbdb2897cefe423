/**
 * What stands between `<!-- name… -->` and `<!-- /name -->`, without the blank lines around it; undefined when there is no such section.
 *
 * @param {string} text
 * @param {string} name
 */
export function sectionOf(text, name) {
  const place = placeOf(text, name);
  return place === undefined ? undefined : text.slice(place.start, place.end).trim();
}

/**
 * The text with the section's content replaced.
 *
 * @param {string} text
 * @param {string} name
 * @param {string} content
 * @throws Error when there is no such section.
 */
export function withSection(text, name, content) {
  const place = placeOf(text, name);
  if (place === undefined) throw new Error(`there is no section ${name}`);
  return `${text.slice(0, place.start)}\n\n${content.trim()}\n\n${text.slice(place.end)}`;
}

function placeOf(text, name) {
  const opening = new RegExp(`<!-- ${name}\\b[^>]*-->`).exec(text);
  const end = text.indexOf(`<!-- /${name} -->`);
  if (opening === null || end === -1) return undefined;
  const start = opening.index + opening[0].length;
  return start <= end ? { start, end } : undefined;
}
