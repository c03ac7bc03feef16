"""What libphonenumber (Debian's python3-phonenumbers) says of numbers, one JSON object a line.

`example`: its own example numbers, for each region and type, in three forms. `changed`: the same with one digit changed,
dropped or added, drawn from a fixed seed.
"""

import json
import random

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

TYPES = {value: name.lower() for name, value in vars(PhoneNumberType).items() if isinstance(value, int)}


def report(kind, typed, region):
    try:
        number = phonenumbers.parse(typed, region or None)
    except phonenumbers.NumberParseException:
        answer = {"valid": False}
    else:
        answer = {"valid": phonenumbers.is_valid_number(number) and not number.extension}
        if answer["valid"]:
            answer["e164"] = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            answer["type"] = TYPES[phonenumbers.number_type(number)]
            answer["region"] = phonenumbers.region_code_for_number(number)
    print(json.dumps({"kind": kind, "typed": typed, "default": region, **answer}))


def changed(rng, e164):
    at = rng.randrange(2, len(e164))
    digit = str(rng.randrange(10))
    return rng.choice([e164[:at] + digit + e164[at + 1:], e164[:at] + e164[at + 1:], e164[:at] + digit + e164[at:]])


def main():
    rng = random.Random(20260101)
    examples = [(region, phonenumbers.example_number_for_type(region, kind))
                for region in sorted(phonenumbers.SUPPORTED_REGIONS) for kind in sorted(TYPES)]
    examples += [("", phonenumbers.example_number_for_non_geo_entity(code))
                 for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)]
    for region, number in examples:
        if number is None:
            continue
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        report("example", e164, "")
        report("example", phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL), "")
        if region:
            report("example", phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), region)
        for _ in range(5):
            report("changed", changed(rng, e164), "")


main()
