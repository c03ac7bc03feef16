#!/usr/bin/env python3
"""Makes banks.json of the participants that Banco Central lists, as github.com/guibranco/BancosBrasileiros gathers them
(data/bancos.json, public domain by its LICENSE, the Unlicense): `banks.py bancos.json AS_OF COMMIT > banks.json`.

What people call a bank is nobody's list: it stands here, by ISPB, the most used first. The first name is shown, the others
are found too.
"""
import json
import re
import sys
import unicodedata

KNOWN_AS = {
    "00000000": ["Banco do Brasil", "BB"],
    "60701190": ["Itaú Unibanco", "Itaú", "Unibanco", "Iti"],
    "60746948": ["Bradesco", "Next"],
    "00360305": ["Caixa", "Caixa Econômica", "CEF", "Caixa Tem"],
    "18236120": ["Nubank", "Nu", "Nu Bank", "Nu Pagamentos"],
    "90400888": ["Santander"],
    "00416968": ["Inter"],
    "10573521": ["Mercado Pago", "MercadoPago", "MP"],
    "08561701": ["PagBank", "PagSeguro", "Pag Bank", "Pag Seguro"],
    "22896431": ["PicPay", "Pic Pay"],
    "31872495": ["C6 Bank", "C6"],
    "02038232": ["Sicoob", "Bancoob"],
    "01181521": ["Sicredi", "Bansicredi"],
    "30306294": ["BTG Pactual", "BTG"],
    "92702067": ["Banrisul"],
    "58160789": ["Safra"],
    "16501555": ["Stone", "Ton", "Stone Pagamentos"],
    "59285411": ["Banco Pan"],
    "20855875": ["Neon", "Neon Pagamentos"],
    "37880206": ["Cora"],
    "18189547": ["InfinitePay", "Infinite Pay", "CloudWalk"],
    "10664513": ["Agibank", "Agi"],
    "01858774": ["Banco BV", "BV"],
    "33264668": ["Banco XP", "XP"],
    "92894922": ["Banco Original"],
    "62232889": ["Daycoval"],
    "61186680": ["BMG"],
    "17184037": ["Mercantil", "Banco Mercantil do Brasil"],
    "27098060": ["Digio"],
    "71027866": ["Banco BS2"],
    "07237373": ["Banco do Nordeste", "BNB"],
    "04902979": ["Banco da Amazônia", "Basa"],
    "00000208": ["BRB", "Banco de Brasília"],
    "28127603": ["Banestes"],
    "04913711": ["Banpará", "Banco do Estado do Pará"],
    "13009717": ["Banese", "Banco do Estado de Sergipe"],
    "05463212": ["Ailos"],
    "10398952": ["Cresol"],
    "00315557": ["Unicred"],
    "01634601": ["Unicred Central RS"],
    "19540550": ["Asaas"],
    "09089356": ["Efí", "Efí Bank", "Gerencianet"],
    "20018183": ["Stark Bank"],
    "13935893": ["Celcoin"],
    "51342763": ["Revolut"],
    "13884775": ["MagaluPay", "Magalu Pay", "Magalu"],
    "19468242": ["iFood Pago", "iFood"],
    "24313102": ["99Pay", "99 Pay"],
    "21018182": ["EBANX"],
    "09554480": ["Superdigital"],
    "53720128": ["Conta Simples"],
    "37241230": ["SumUp", "Sum Up"],
}

FORMS = [
    (r"SOCIEDADE DE CR[EÉ]DITO,? FINANCIAMENTO E INVESTIMENTOS?", "Financeira"),
    (r"CR[EÉ]DITO,? FINANCIAMENTO E INVESTIMENTOS?", "Financeira"),
    (r"SOCIEDADE DE CR[EÉ]DITO DIRETO", "SCD"),
    (r"SOCIEDADE DE EMPR[EÉ]STIMO ENTRE PESSOAS", "SEP"),
    (r"SOCIEDADE DE CR[EÉ]DITO AO MICROEMPREENDEDOR E [AÀ] EMPRESA DE PEQUENO PORTE", "SCMEPP"),
    (r"DISTRIBUIDORA DE T[IÍ]TULOS E VALORES MOBILI[AÁ]RIOS", "DTVM"),
    (r"INSTITUI[CÇ][AÃ]O DE PAGAMENTOS?", "IP"),
    (r"COOPERATIVA DE ECONOMIA E CR[EÉ]DITO M[UÚ]TUO", "CECM"),
    (r"COOPERATIVA DE CR[EÉ]DITO M[UÚ]TUO", "CCM"),
    (r"COOPERATIVA DE CR[EÉ]DITO RURAL", "CCR"),
]
WORDS = set("ALL BIT GET IN LA LAR MAX OF OUT PAN PAY RED RIO SER SUL SÃO WE".split())
ABBREVIATIONS = set("BBVA DTVM ICBC MUFG SCMEPP CECM HSCM".split())
SMALL = set("a à ao as com da das de do dos e em entre na no nos o para por".split())


def word(text: str, first: bool) -> str:
    """`BANCO` as `Banco`; what has no vowel or one to three letters is most likely an abbreviation and stays."""
    bare = re.sub(r"\W", "", text)
    if not bare.isupper():
        return text
    if bare.lower() in SMALL and not first:
        return text.lower()
    short = len(bare) <= 3 and bare not in WORDS
    if short or not re.search("[AEIOUÁÉÍÓÚÂÊÔÃÕ]", bare) or bare in ABBREVIATIONS:
        return text
    return re.sub(r"\w+", lambda match: match.group().capitalize(), text)


def shown(long_name: str) -> str:
    name = " ".join(long_name.split())
    if sum(map(str.islower, name)) < 5:  # A slip of the list: `INSTITUIçãO`.
        name = name.upper()
    liquidated = bool(re.search(r"EM LIQUIDAÇÃO EXTRAJUDICIAL", name, re.I))
    name = re.sub(r"\s*-\s*EM LIQUIDAÇÃO EXTRAJUDICIAL", "", name, flags=re.I)
    for form, short in FORMS:
        name = re.sub(form, short, name, flags=re.I)
    name = re.sub(r"[,\s-]*\b(S\.?A\b\.*|S/A\.?|LTDA\.?|LIMITADA\.?)", "", name, flags=re.I)
    name = re.sub(r"\s*-\s*(IP|Financeira|SCD)\b", r" \1", name)
    name = re.sub(r"\bFINANCEIRA,? Financeira", "Financeira", name, flags=re.I)
    name = re.sub(r"^(.*) - \1.*$", r"\1", name)
    words = name.strip(" .,-").split()
    return " ".join(word(one, index == 0) for index, one in enumerate(words)) + (" (em liquidação)" if liquidated else "")


def main(path: str, as_of: str, commit: str) -> None:
    rows = []
    order = list(KNOWN_AS)
    with open(path, encoding="utf-8-sig") as source:
        listed = json.load(source)
    for one in listed:
        legal = " ".join(one["LongName"].split())
        names = KNOWN_AS.get(one["ISPB"], [shown(legal)])
        short = " ".join(one["ShortName"].split()).strip('"')
        rank = order.index(one["ISPB"]) if one["ISPB"] in KNOWN_AS else len(order)
        row = {"ispb": one["ISPB"], "compe": one["COMPE"], "name": names[0], "legal": legal, "also": [*names[1:], short]}
        plain = unicodedata.normalize("NFD", names[0]).encode("ascii", "ignore").decode().casefold()
        rows.append(((rank, plain), row))
    missing = set(KNOWN_AS) - {one["ISPB"] for one in listed}
    if missing:
        sys.exit(f"not in the list any more: {', '.join(sorted(missing))}")
    rows.sort(key=lambda pair: pair[0])
    head = {"as_of": as_of, "source": f"github.com/guibranco/BancosBrasileiros, data/bancos.json at {commit}",
            "license": "public domain (Unlicense)"}
    print(json.dumps(head, ensure_ascii=False)[:-1] + ', "banks": [')
    print(",\n".join(json.dumps(row, ensure_ascii=False) for _, row in rows))
    print("]}")


main(*sys.argv[1:])
