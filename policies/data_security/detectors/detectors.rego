# METADATA
# title: Detectors
# description: Finds card and account numbers, national ids and secrets in texts, by their check digits where they have any.
# scope: package
package cortexos.rules.data_security.detectors

# Personal data in a text.
personal(text) := _found(data.cortexos.rules.data_security.detectors.personal_patterns, text)

# Secrets in a text.
secret(text) := _found(data.cortexos.rules.data_security.detectors.secret_patterns, text)

# Every text in a document, with where it is.
texts(document) := {{"path": path, "value": value} |
	walk(document, [path, value])
	is_string(value)
}

_found(patterns, text) := {{"kind": kind, "match": match} |
	some kind, pattern in patterns
	some match in regex.find_n(pattern, text, data.cortexos.rules.data_security.detectors.matches_max)
	_is(kind, match)
}

# Luhn.
_is("card", match) if {
	digits := _digits(match)
	last := count(digits) - 1
	sum([_luhn(digit, (last - i) % 2) | some i, digit in digits]) % 10 == 0
	count({digit | some digit in digits}) > 1
}

# ISO 13616: the remainder of 97.
_is("iban", match) if {
	account := upper(replace(match, " ", ""))
	moved := concat("", [substring(account, 4, -1), substring(account, 0, 4)])
	_remainder_97(_numbered(moved)) == 1
}

# A number of the US Social Security Administration has no check digit; these areas, groups and serials don't exist.
_is("us_ssn", match) if {
	parts := split(match, "-")
	not parts[0] in {"000", "666"}
	not startswith(parts[0], "9")
	parts[1] != "00"
	parts[2] != "0000"
}

_is("es_dni", match) if {
	number := to_number(trim_left(substring(match, 0, 8), "0"))
	substring("TRWAGMYFPDXBNJZSQVHLCKE", number % 23, 1) == substring(match, 8, 1)
}

_is("fr_nir", match) if {
	digits := replace(match, " ", "")
	_remainder_97(substring(digits, 0, 13)) == 97 - to_number(trim_left(substring(digits, 13, 2), "0"))
}

_is("pl_pesel", match) if {
	digits := _digits(match)
	weights := [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]
	sum([weighted | some i, digit in digits; weighted := digit * weights[i]]) % 10 == 0
	month := ((digits[2] * 10) + digits[3]) % 20
	month >= 1
	month <= 12
	day := (digits[4] * 10) + digits[5]
	day >= 1
	day <= 31
}

_is("br_cpf", match) if {
	digits := _digits(match)
	count({digit | some digit in digits}) > 1
	_cpf_check(array.slice(digits, 0, 9)) == digits[9]
	_cpf_check(array.slice(digits, 0, 10)) == digits[10]
}

_is("jwt", match) if {
	header := json.unmarshal(base64url.decode(split(match, ".")[0]))
	is_string(header.alg)
}

# The others are known by their shape alone.
_is(kind, _) if kind in data.cortexos.rules.data_security.detectors.by_shape

_digits(match) := [to_number(digit) | some digit in regex.find_n(`[0-9]`, match, -1)]

_luhn(digit, 0) := digit

_luhn(digit, 1) := digit * 2 if digit < 5

_luhn(digit, 1) := (digit * 2) - 9 if digit >= 5

_cpf_check(digits) := check if {
	top := count(digits) + 1
	check := ((sum([weighted | some i, digit in digits; weighted := digit * (top - i)]) * 10) % 11) % 10
}

# Letters as numbers from 10 on.
_numbered(text) := strings.replace_n(data.cortexos.rules.data_security.detectors.letters, text)

# Digit by digit: some evaluators have no numbers this long.
_remainder_97(digits) := remainder if {
	last := count(digits) - 1
	powers := data.cortexos.rules.data_security.detectors.powers_97
	remainder := sum([weighted | some i in numbers.range(0, last); weighted := to_number(substring(digits, i, 1)) * powers[last - i]]) % 97
}
