"""What `equations.py` takes for right and for wrong: python3 -m unittest test_equations"""

import unittest

import equations

RIGHT = {
    "sums and products": ["They have 12 + 3 = 15 pens", "That is 15 * 2 = 30 cents, or 30 - 5 = 25 each", "#### 25"],
    "units between the numbers": ["- So 138 feet / 1.5 feet per plant = 92 plants", "- 92 plants × $3 per plant = $276", "#### 276"],
    "an x that multiplies": ["He paid $400 x 1/100 = $4 and wrote 90 pages x 1/3 = 30 pages", "#### 30"],
    "brackets without a sign": ["Warm water: 8+2(12)=32 minutes, 4(32)=128", "#### 128"],
    "division by a fraction": ["It takes her 10÷2/5=25 minutes", "#### 25"],
    "an unknown": ["So y = x + 20 and 2x+20=84", "Then 2x=64", "leaving x=32.", "#### 32"],
    "percent": ["The chance is 8 / 10 = 80%, less 50% * 50% = 25%: 80% - 25% = 55%", "#### 55"],
    "thousands": ["It costs 1,200 + 300 = 1500", "#### 1500"],
}
WRONG = {
    "a fraction cut off": ["He has 45.05 - 13.05 = 31 left", "#### 31"],
    "half of an odd number": ["Ben has 17*0.5=8 tubes", "Ben has 8+18=26 tubes", "#### 26"],
    "a rounded share": ["Out of these 72% is 0.72*40 = 28 students", "#### 28"],
    "the remainder lost": ["She needs 70 / 21 = 3 racks", "#### 3"],
    "an unknown that does not fit": ["So 2x+20=84", "leaving x=30.", "#### 30"],
    "a rounding error in the open": ["He had 28.833333333333336 - 6 = 22.833333333333336 and 5/6 = 0.83", "#### 3"],
    "an answer from nowhere": ["They have 12 + 3 = 15 pens", "#### 16"],
    "no equation at all": ["They have 15 pens", "#### 15"],
}


class Equations(unittest.TestCase):
    def test_right(self):
        for name, solution in RIGHT.items():
            with self.subTest(name):
                self.assertTrue(equations.is_right(solution), [equations.check(line) for line in solution])

    def test_wrong(self):
        for name, solution in WRONG.items():
            with self.subTest(name):
                self.assertFalse(equations.is_right(solution), [equations.check(line) for line in solution])

    def test_both_are_counted(self):
        self.assertEqual(equations.check("1 + 1 = 2 and, 2 + 2 = 5"), (1, 1))


if __name__ == "__main__":
    unittest.main()
