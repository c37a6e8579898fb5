/// Pairs of answers that look alike and do not mean the same. A line is `answer != answer`.
let differentAnswers = #"""
        # numbers
        17 != 18
        17 != -17
        17 != 17.5
        17 != 170
        17 != 1.7
        1234 != 1.234
        0.1 != 0.10000000000000001
        9007199254740993 != 9007199254740992
        123456789012345678901234567890 != 123456789012345678901234567891
        12,34 != 1234
        12,345 != 12, 345
        1, 234 != 1234
        0.001 != 0
        3.14 != \pi
        3.14159265358979 != \pi
        2.718281828 != e
        1.41421356237 != \sqrt{2}
        0.33333333333333 != \frac13
        0.3\overline{3} != 0.3
        0.\overline{12} != 0.12
        1e5 != 1e-5
        . != 0
        4 2 != 8
        4 2 != 42
        # fractions
        \frac{3}{5} != \frac{5}{3}
        \frac{3}{5} != 0.35
        2\frac{1}{3} != \frac{2}{3}
        -2\frac{1}{3} != -\frac{5}{3}
        1 1/2 != 11/2
        \frac{x+1}{3} != x + \frac{1}{3}
        \frac{1}{2^{120}} != \frac{1}{2^{121}}
        # powers and roots
        2^{10} != 20
        -2^2 != 4
        2^{-1} != -2
        2^{1000} != 2^{1001}
        10^{100} != 10^{101}
        \sqrt{8} != 2
        \sqrt{12} != 3\sqrt{2}
        \sqrt{2}+\sqrt{3} != \sqrt{5}
        \sqrt[3]{9} != 3
        \sqrt[3]{2} != \sqrt{2}
        1+\sqrt{2} != 1-\sqrt{2}
        \sqrt{x^2} != x
        \sqrt{x+1} != \sqrt{x}+1
        # pi, e, i
        \pi != 180
        2\pi != \pi^2
        \pi != p
        e != E
        i != 1
        2+3i != 3+2i
        2+3i != 2-3i
        i\sqrt{2} != \sqrt{2}
        e^{2x} != e^{x^2}
        # algebra
        x^2 != 2x
        x+y != xy
        x != X
        3x != 3y
        x-y != y-x
        (x+1)^2 != x^2+1
        2(x+1) != 2x+1
        x_1 != x_2
        x_1 != x
        \frac{1}{x+1} != \frac{1}{x}+1
        \frac{x+1}{x+2} != \frac{1}{2}
        2^{n+1} != 2^n+1
        |x| != x
        \sin x != \cos x
        \sin 2x != 2\sin x
        \sin x^2 != \sin^2 x
        \sin 30 != \frac12
        \cos 30^\circ != \frac12
        \log_2 3 != \log_3 2
        \ln 2 + \ln 3 != \ln 5
        n! != n
        5! != 5
        \binom{6}{2} != \frac{6}{2}
        \alpha != a
        # units and words
        9\text{ or }10 != 9
        9 \text{ and } 10 != 9
        9\text{ m} != 10\text{ m}
        9\text{ million} != 9
        9\text{ if } x > 0 != 9
        9\text{ p.m.} != 9\text{ a.m.}
        9\% != 0.09
        45^\circ != 54^\circ
        \text{odd} != \text{even}
        \text{no} != \text{yes}
        \text{no solution} != 0
        \text{undefined} != 0
        \text{infinitely many} != \infty
        (A) != (B)
        A != (D)
        7 \text{ no solution} != 7
        # points and intervals
        (1,2) != (2,1)
        (1,2) != [1,2]
        (1,2] != [1,2)
        (1,2) != (1,2,0)
        (1,2) != 1,2
        (1,2) != \{1,2\}
        (1,200) != 1200
        (0,\infty) != [0,\infty)
        (0,\infty) != (-\infty,0)
        (0,1)\cup(2,3) != (0,3)
        (0,1)\cup(2,3) != (0,1)\cap(2,3)
        (0,1)\cup(2,3) != (0,1), (2,3)
        x > 1 != x \ge 1
        x > 1 != x < 1
        x > 1 != 1
        1 < x < 2 != 1 \le x \le 2
        1 < x < 2 != \{1, 2\}
        x \ne 2 != 2
        x \ne 2 != x = 2
        x=1, y=2 != (2,1)
        x=1, y=2 != 1, 2
        x=1, y=2 != x=2, y=1
        \infty != -\infty
        # sets and lists
        1, 2 != 1
        1, 2 != 1, 2, 3
        1, 2 != 1, 3
        \{1,2\} != \{1,-2\}
        \{1\} != \{1,2\}
        \pm 5 != 5
        \pm 5 != -5
        1 \pm \sqrt{2} != 1+\sqrt{2}
        1,2 != 1.2
        1,2 != 12
        \emptyset != 0
        \emptyset != \{0\}
        # matrices
        \begin{pmatrix} 1 \\ 2 \end{pmatrix} != \begin{pmatrix} 2 \\ 1 \end{pmatrix}
        \begin{pmatrix} 1 \\ 2 \end{pmatrix} != \begin{pmatrix} 1 & 2 \end{pmatrix}
        \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} != \begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}
        \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} != \begin{vmatrix} 1 & 2 \\ 3 & 4 \end{vmatrix}
        \begin{pmatrix} 1 \\ 2 \end{pmatrix} != (1,3)
        # bases, equations, ratios
        734_8 != 734_9
        734_8 != 734
        101_2 != 101_3
        101_2 != 5_8
        FF_{16} != FE_{16}
        y = 2x != y = -2x
        y = 2x + 1 != y = 2x - 1
        x + y = 1 != x - y = 1
        x + y = 1 != x + y = 2
        x^2 + y^2 = 1 != x^2 - y^2 = 1
        x^2 = 4 != 4
        3:4 != 4:3
        3:4 != 3.4
        1:30 != 1:03
        12:00 != 1:00
        2:30 != 1:15
        1:2:3 != 1:2:4
        # what does not parse
        \sum_{k=1}^n k != \sum_{k=1}^n k^2
        x \to 0 != x \to 1
        \lfloor x \rfloor != x
        3 \pmod 5 != 3
        # results and compositions
        f(g(x)) = 4x^2 != 4x
        2>1 != 3>1
        4 hours before noon != 4 hours after noon
        the function is increasing != the function is decreasing
        5 (south) != 5 (north)
        5 m/s up != 5 m/s down
        5\text{ m/s upward} != 5\text{ m/s downward}
        5\text{ m/s}, up != 5\text{ m/s}, down
        5\ \text{N to the left} != 5\ \text{N to the right}
        50\% = 0.5 != 50
        x^2 = 4 != 4
        3x = 3x != 3
        2 = 2.0 != 3
        -5 = -5 != 5
        x/hour != x
        100/year - 3 != 97
        5 (cm) (rounded) != 6
        2(apples) + 3 != 6
        9 (apples and oranges) != 8
        f (2x) != 2 f(x)
        f\left(2x\right) != 2f\left(x\right)
        f{(2x)} != 2f(x)
        f[2x] != 2f[x]
        f(f(x)) != f(x)^2
        g(f(x)) = x != x^2
        f(x)=g(x) != f(x)
        f(1)=f(2) != f(2)=f(3)
        f(1)<f(2) != f(2)<f(1)
        f(x) > 0 != g(x)>0
        f(3)=9, f(4)=16 != f(3)=16, f(4)=9
        f(3), f(4) != f(4), f(5)
        (f(1), f(2)) != (f(2), f(1))
        |f(x)| != f(x)
        2^{f(x)} != 2^{g(x)}
        f(\sin x) != \sin f(x)
        f(x)! != f(x!)
        nP(n-1) != n^2P-nP
        \frac{n}{\phi(n)} != \frac{1}{\phi}
        T(n)=O(n\log n) != T(n)=O(n)
        O(n^2) != O(n)
        \Theta(n) != \Theta n^2
        P(2,3) != P(3,2)
        H_2O != HO_2
        u(v) != v(u)
        (f+g)(x) != fx+gx
        (fg)(x) != fgx
        (f+g)(x) != (f-g)(x)
    """#
