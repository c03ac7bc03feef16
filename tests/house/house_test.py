"""Each house rule finds a planted breach, and leaves the innocent neighbour alone."""

import unittest

import house


def findings(path, text, others=()):
    return list(house.check_file(path, text, lambda name: name in others))


class Rules(unittest.TestCase):
    def finds(self, path, text, expected, others=()):
        self.assertTrue(any(expected in line for line in findings(path, text, others)), findings(path, text, others))

    def accepts(self, path, text, others=()):
        self.assertEqual(findings(path, text, others), [])

    def test_arrows(self):
        self.finds("src/domain/a.cpp", '#include "store/tx.h"\n', "domain may not include store/tx.h")
        self.finds("src/delivery/a.cpp", '#include "domain/policy.h"\n', "delivery may not include")
        self.accepts("src/store/a.cpp", '#include "domain/policy.h"\n')
        self.accepts("src/domain/a.cpp", '// #include is spoken of here\n#include "base/time.h"\n')
        self.finds("src/domain/a.cpp", '#include "policy.h"\n', "by its room")

    def test_links(self):
        self.finds("src/domain/CMakeLists.txt", "cs_room(domain LINKS cs_base cs_store)", "may not link cs_store")
        self.accepts("src/api/CMakeLists.txt", "cs_room(api LINKS cs_http cs_usecase)")

    def test_clock_and_chance(self):
        for call in ("std::chrono::system_clock::now()", "std::random_device()", "RAND_bytes(p, 1)", "::time(nullptr)",
                     "time(nullptr)", "std::rand()", "getrandom(p, 1, 0)"):
            self.finds("src/usecase/a.cpp", f"auto x = {call};\n", "belongs to src/base")
        self.accepts("src/base/time.cpp", "auto x = std::chrono::system_clock::now();\n")
        self.accepts("src/usecase/a.cpp", "// steady_clock::now()\nauto a = moment.time(0);\nauto b = operand(1);\n")
        self.accepts("src/usecase/a.cpp", 'auto s = "RAND_bytes";\n')

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

    def test_rules(self):
        rules = "- **OTP-3** A code is accepted once.\n"
        cited = "/// Once. [OTP-3]\n"
        self.assertEqual(list(house.check_rules({"docs/rules.md": rules, "src/domain/a.h": cited})), [])
        self.assertEqual(list(house.check_rules({"docs/rules.md": rules, "src/domain/a.h": cited + "// [OTP-3, TXN-2]\n"})),
                         ["src/domain/a.h:2: TXN-2 is not in docs/rules.md"])
        self.assertEqual(list(house.check_rules({"docs/rules.md": rules + "- **TXN-2** A hash.\n", "src/domain/a.h": cited})),
                         ["docs/rules.md:2: nothing cites TXN-2"])

    def test_machine_paths(self):
        self.finds("docs/a.md", "see /home/someone/file", "a path of one machine")
        self.finds("tools/a.sh", "cd " + "/".join(["", "work", "x"]), "a path of one machine")
        self.accepts("docs/a.md", "https://example.com/home/page and data/work/x")


if __name__ == "__main__":
    unittest.main()
