"""Each convention check finds a planted fault, and accepts the correct line beside it."""

import unittest

import conventions


def findings(path, text, others=()):
    return list(conventions.check_file(path, text, lambda name: name in others))


class Rules(unittest.TestCase):
    def finds(self, path, text, expected, others=()):
        self.assertTrue(any(expected in line for line in findings(path, text, others)), findings(path, text, others))

    def accepts(self, path, text, others=()):
        self.assertEqual(findings(path, text, others), [])

    def test_arrows(self):
        self.finds("src/domain/a.cpp", '#include "store/tx.h"\n', "domain may not include store/tx.h")
        self.finds("src/delivery/a.cpp", '#include "domain/policy.h"\n', "delivery may not include")
        self.accepts("src/store/repository/a.cpp", '#include "domain/policy.h"\n')
        self.accepts("src/domain/a.cpp", '// #include is spoken of here\n#include "base/time.h"\n')
        self.finds("src/domain/a.cpp", '#include "policy.h"\n', "by its module")

    def test_engines(self):
        for path in ("src/store/a.cpp", "src/store/sqlite/a.cpp", "src/store/postgres/a.cpp", "src/store/upkeep/move.cpp"):
            self.finds(path, '#include "domain/policy.h"\n', "engines know nothing of the domain")
            self.finds(path, '#include "store/repository/subjects.h"\n', "engines know nothing of the domain")
            self.accepts(path, '#include "store/tx.h"\n')
        for path in ("src/store/repository/a.cpp", "src/store/upkeep/sealed_columns.cpp"):
            self.accepts(path, '#include "store/repository/subjects.h"\n')

    def test_handlers(self):
        for header in ("store/repository/events.h", "store/sqlite/sqlite_store.h", "store/migrations/migrations.h"):
            self.finds("src/api/v1/a.cpp", f'#include "{header}"\n', "through use cases")
            self.accepts("src/usecase/a.cpp", f'#include "{header}"\n')
        self.accepts("src/api/api.h", '#pragma once\n#include "store/store.h"\n')
        for call in ("store::find_message(tx, account, id)", "store::Sql sql", 'tx.exec(sql, {1})'):
            self.finds("src/api/v1/a.cpp", f"auto x = {call};\n", "make it a use case")
            self.accepts("src/usecase/a.cpp", f"auto x = {call};\n")
        self.accepts("src/api/v1/a.cpp", "// store::find_message(\nvoid f(store::Tx& tx, store::StoreError e);\n")

    def test_links(self):
        self.finds("src/domain/CMakeLists.txt", "cs_module(domain LINKS cs_base cs_store)", "may not link cs_store")
        self.finds("src/domain/CMakeLists.txt", "target_link_libraries(cs_domain cs_store_repository)", "may not link")
        self.accepts("src/api/CMakeLists.txt", "cs_module(api LINKS cs_http cs_usecase)")

    def test_clock_and_chance(self):
        for call in ("std::chrono::system_clock::now()", "std::random_device()", "RAND_bytes(p, 1)", "::time(nullptr)",
                     "time(nullptr)", "std::rand()", "getrandom(p, 1, 0)"):
            self.finds("src/usecase/a.cpp", f"auto x = {call};\n", "belongs to src/base")
        self.accepts("src/base/time.cpp", "auto x = std::chrono::system_clock::now();\n")
        self.accepts("src/usecase/a.cpp", "// steady_clock::now()\nauto a = moment.time(0);\nauto b = operand(1);\n")
        self.accepts("src/usecase/a.cpp", 'auto s = "RAND_bytes";\n')

    def test_transitions(self):
        for planted in ("row.state.status = domain::TransactionStatus::kExpired;", "held.status = status;",
                        "row->state.claimed_at = moment.now;", "held.claimable_until.reset();",
                        "row.status = store::to_text(store::MessageStatus::kSent);", "factor->removed_at = at;",
                        "verification.state.code.reset();", "++row.state.attempts;", "--row->state.attempts;",
                        "row.state.sends += 1;", "rows[0].state.ended_at\n      = now;", "it.find(id).end_reason = why;",
                        "erasure.acts_at.emplace(now);", "row.state.proofs.push_back(proof);"):
            for module in ("usecase", "api/v1", "main", "store/upkeep"):
                self.finds(f"src/{module}/a.cpp", planted + "\n", "a transition belongs to src/domain")
            for module in ("domain", "store/repository"):
                self.accepts(f"src/{module}/a.cpp", planted + "\n")
        for innocent in ("row.state = *std::move(next);", "view.status = domain::status_at(row.state, now);",
                         "filter.status = *status;", "if (row.state.status == kHeld) return;", "auto s = row.state.status;",
                         "row.state.expires_at = moment.now + life;", "f({.status = 404});", "message.code = code;",
                         "const bool same = held.ended_at<=other.ended_at;", "// row.state.status = kHeld;",
                         'say("row.state.status = x");', "terms.status_callback = url;", "bool status = true;"):
            self.accepts("src/usecase/a.cpp", innocent + "\n")

    def test_purposes(self):
        self.finds("src/usecase/a.cpp", 'if (row.type == "$code") return;\n', "compare domain::Purpose")
        self.finds("src/main/a.cpp", "Sql kAll{\"WHERE type <> '$add_source'\"};\n", "compare domain::Purpose")
        self.accepts("src/store/repository/a.cpp", 'constexpr auto kText = "$code";\n')
        self.accepts("src/usecase/a.cpp", 'auto s = "$codes";\n')

    def test_own_header_first(self):
        others = {"src/http/a.h"}
        self.finds("src/http/a.cpp", '#include <string>\n#include "http/a.h"\n', "first include", others)
        self.accepts("src/http/a.cpp", '#include "http/a.h"\n\n#include <string>\n', others)
        self.accepts("src/http/a.cpp", "#include <string>\n")

    def test_size(self):
        self.finds("src/http/a.cpp", "\n" * 501, "501 lines")
        self.accepts("src/http/a.cpp", "// Long because it is one table.\n" + "\n" * 501)

    def test_properties_are_asserted(self):
        self.finds("tests/unit/base/a.cpp", "  rc::check([] {});\n", "use EXPECT_TRUE")
        self.accepts("tests/unit/base/a.cpp", "  EXPECT_TRUE(rc::check([] {}));\n  ok = rc::check([] {});\n")

    def test_conditions_of_assertions(self):
        for planted in ("  if (f(x)) EXPECT_EQ(a, b);\n", "  if (x)\n    ASSERT_TRUE(a);\n", "  } else if (x) EXPECT_TRUE(a);\n"):
            self.finds("tests/unit/base/a.cpp", planted, "braces around an assertion")
        self.accepts("tests/unit/base/a.cpp", "  if (x) {\n    EXPECT_TRUE(a);\n  }\n  for (int i : all) EXPECT_TRUE(i);\n")

    def test_sql(self):
        self.finds("src/store/a.cpp", 'Sql k{"SELECT a, b"\n      " FROM t"};\n', "in pieces")
        self.finds("src/store/a.cpp", 'Sql k{"DELETE FROM t WHERE a " CONDITION};\n', "in pieces")
        self.finds("src/store/a.cpp", "a = row.id<AccountId>(0);\n", "row.id<AccountId>(0) reads a column")
        self.finds("src/demo/a.cpp", "return {row.text(12)};\n", "by its position")
        self.finds("src/demo/a.cpp", "return row->text(0);\n", "by its position")
        self.finds("src/store/a.cpp", "return Row(result.get(), 0).integer(0);\n", "by its position")
        self.finds("src/store/a.cpp", 'Sql k{R"sql(\n    UPDATE t\n    SET a = ?1\n)sql"};\n', "by its number")
        self.finds("src/demo/a.cpp", 'database.run("DELETE FROM t WHERE a = ?", {a});\n', "by its number")
        self.accepts("src/store/a.cpp", 'Sql k{R"sql(\n    SELECT a, b\n    FROM t\n    WHERE a = :a\n)sql"};\n'
                                        'tx.one(k, {a}, [&](const Row& row) { b = row.text(k["b"]); });\n')
        self.accepts("src/store/a.cpp", 'Sql k{"DELETE FROM t"};\nText why{"UPDATE it or not?"};\n')
        self.accepts("tests/unit/store/a.cpp", "a = row.integer(0);\n")

    def test_rules(self):
        rules = "- **OTP-3** A code is accepted once.\n"
        cited = "/// Once. [OTP-3]\n"
        self.assertEqual(list(conventions.check_rules({"docs/rules.md": rules, "src/domain/a.h": cited})), [])
        self.assertEqual(list(conventions.check_rules({"docs/rules.md": rules, "src/domain/a.h": cited + "// [OTP-3, TXN-2]\n"})),
                         ["src/domain/a.h:2: TXN-2 is not in docs/rules.md"])
        self.assertEqual(list(conventions.check_rules({"docs/rules.md": rules + "- **TXN-2** A hash.\n", "src/domain/a.h": cited})),
                         ["docs/rules.md:2: nothing cites TXN-2"])
        self.assertEqual(list(conventions.check_rules({"docs/rules.md": "- **WA-R3** Sizes.\n", "src/webauthn/a.h": "/// [WA-A3]\n"})),
                         ["src/webauthn/a.h:1: WA-A3 is not in docs/rules.md", "docs/rules.md:1: nothing cites WA-R3"])

    def events(self, code, types, path="src/usecase/a.cpp", more=None):
        description = "    Event:\n      type: object\n      properties:\n        id: {}\n        type:\n          anyOf:\n            - enum:\n"
        description += "".join(f"                - {name}\n" for name in types) + "        transaction:\n          - not.one\n"
        return list(conventions.check_events({"docs/openapi.yaml": description, path: code, **(more or {})}))

    def test_events(self):
        said = 'record(work, again ? "a.made" : "a.made_again", f(x), Facts().text("b", "c"));\n'
        self.assertEqual(self.events(said, ["a.made", "a.made_again"]), [])
        self.assertEqual(self.events(said, ["a.made"]),
                         ["src/usecase/a.cpp:1: a.made_again is no type of Event in docs/openapi.yaml"])
        self.assertEqual(self.events(said, ["a.made", "a.made_again", "a.gone"]),
                         ["docs/openapi.yaml:10: nothing records a.gone"])
        pair = '\n  record(work, {"a.made", how}, {"a.done", {}},\n         row.state);\n'
        self.assertEqual(self.events(pair, ["a.made"]), ["src/usecase/a.cpp:2: a.done is no type of Event in docs/openapi.yaml"])
        operator = 'void record(Tx& tx) {}\nrecord(tx, context, "key.made", moment);\n'
        self.assertEqual(self.events(operator, [], "src/main/a.cpp"),
                         ["src/main/a.cpp:2: key.made is no type of Event in docs/openapi.yaml"])
        self.assertEqual(self.events('// record(work, "a.made");\nseen.record("a.made");\n', []), [])
        self.assertEqual(self.events("record(work, type, row.state, facts);\n", []),
                         ["src/usecase/a.cpp:1: no type to read; write it as a literal, or list it in COMPOSED_EVENTS"])
        self.assertEqual(self.events("store::append_event(tx, ids, row, moment);\n", [], "src/api/a.cpp"),
                         ["src/api/a.cpp:1: an event past usecase/audit_log.h; call record()"])

    def test_composed_events(self):
        cancel = "src/usecase/transaction/cancel.cpp"
        types = ["transaction.denied", "transaction.expired", "transaction.canceled"]
        code, names = "record(work, type, row.state, facts);\n", {"src/domain/a.cpp": '{"denied", "expired", "canceled"}'}
        self.assertEqual(self.events(code, types, cancel, names), [])
        self.assertEqual(self.events(code, types[:2], cancel, names),
                         [f"{cancel}:1: transaction.canceled is no type of Event in docs/openapi.yaml"])
        self.assertEqual(self.events(code, types, cancel, {"src/domain/a.cpp": '{"denied", "expired"}'}),
                         [f"{cancel}:1: nothing says canceled, of transaction.canceled in COMPOSED_EVENTS"])
        kinds = {conventions.COLLECTIONS: 'inline constexpr Collection kNew{"novelty", 1};\n'}
        self.assertTrue(any("differ by novelty" in line for line in self.events("", [], more=kinds)))

    def test_machine_paths(self):
        self.finds("docs/a.md", "see /home/someone/file", "a path of one machine")
        self.finds("tools/a.sh", "cd " + "/".join(["", "work", "x"]), "a path of one machine")
        self.accepts("docs/a.md", "https://example.com/home/page and data/work/x")


if __name__ == "__main__":
    unittest.main()
