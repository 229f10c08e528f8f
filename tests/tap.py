# SPDX-License-Identifier: Apache-2.0
"""unittest with TAP on stdout, so that each method counts as a test. `tap.main()` at the end of a test file."""
import sys
import unittest


class Result(unittest.TestResult):
    def say(self, outcome, test, end=""):
        self.count = getattr(self, "count", 0) + 1
        print(f"{outcome} {self.count} - {test.id().split('.', 1)[1]}{end}", flush=True)

    def addSuccess(self, test):
        self.say("ok", test)

    def addSkip(self, test, reason):
        if not isinstance(test, unittest.TestCase):  # a class or module that was skipped whole
            print(f"# skipped: {reason}")
        else:
            self.say("ok", test, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        if not isinstance(test, unittest.TestCase):
            self.count = getattr(self, "count", 0) + 1
            print(f"not ok {self.count} - {test}")
        else:
            self.say("not ok", test)
        for line in self._exc_info_to_string(err, test).rstrip().split("\n"):
            print(f"# {line}", flush=True)

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(subtest, err)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = Result()
    suite.run(result)
    print(f"1..{getattr(result, 'count', 0)}")
    sys.exit(not result.wasSuccessful())
