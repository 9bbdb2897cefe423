package cortexos.rules.data_security.detectors_test

import data.cortexos.rules.data_security.detectors

personal := {
	"4111 1111 1111 1111": {"card"},
	"4111-1111-1111-1111": {"card"},
	"378282246310005": {"card"},
	"5500 0000 0000 0004": {"card"},
	"4111 1111 1111 1112": set(),
	"0000 0000 0000 0000": set(),
	"411111111111": set(),
	"DE02 1203 0000 0000 2020 51": {"iban"},
	"GB82WEST12345698765432": {"iban"},
	"GB82WEST12345698765433": set(),
	"123-45-6789": {"us_ssn"},
	"000-45-6789": set(),
	"666-45-6789": set(),
	"912-45-6789": set(),
	"123-00-6789": set(),
	"123-45-0000": set(),
	"12345678Z": {"es_dni"},
	"00000001R": {"es_dni"},
	"12345678A": set(),
	"2 69 05 49 588 157 80": {"fr_nir"},
	"2 69 05 49 588 157 81": set(),
	"44051401359": {"pl_pesel"},
	"44051401358": set(),
	"02270803624": {"pl_pesel"},
	"44010101355": {"pl_pesel"},
	"44123101356": {"pl_pesel"},
	"44001401354": set(),
	"44131401350": set(),
	"44050001352": set(),
	"44053201353": set(),
	"529.982.247-25": {"br_cpf"},
	"529.982.247-26": set(),
	"529.982.247-09": set(),
	"529.982.247-15": set(),
	"111.111.111-11": set(),
	"nothing of that": set(),
	"": set(),
}

test_personal[text] if {
	some text, want in personal
	got := {found.kind | some found in detectors.personal(concat("", ["It is ", text, "."]))}
	got == want
}

secrets := {
	"AKIAIOSFODNN7EXAMPLE": {"aws_key"},
	"AKIAIOSFODNN7EXAMPL": set(),
	"xoxb-123456789012-abc": {"slack_token"},
	"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.x": {"jwt"},
	"eyJhbGciOiJub25.eyJzdWIiOiJhIn0.x": set(),
	"eyJhbGciOjd9.eyJzdWIiOiJhIn0.x": set(),
	"-----BEGIN RSA PRIVATE KEY-----": {"private_key"},
	"-----BEGIN PUBLIC KEY-----": set(),
	"password: hunter22": {"password"},
	"\"api_key\": \"abcdefgh\"": {"password"},
	"password: short": set(),
	"the password is long": set(),
	"postgres://jo:pw@db.example/x": {"url_password"},
	"postgres://db.example/x": set(),
}

test_secret[text] if {
	some text, want in secrets
	got := {found.kind | some found in detectors.secret(text)}
	got == want
}

test_match if {
	detectors.personal("card 4111 1111 1111 1111!") == {{"kind": "card", "match": "4111 1111 1111 1111"}}
}

test_texts if {
	got := detectors.texts({"a": ["x", 7, {"b": "y"}], "c": null})
	got == {{"path": ["a", 0], "value": "x"}, {"path": ["a", 2, "b"], "value": "y"}}
}
