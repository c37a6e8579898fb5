/// Pairs of answers that mean the same: by arithmetic, or by what the task says.
/// A line is `answer == answer`; a line that begins with `# ` says what follows.
let equalAnswers = #"""
        # whole numbers and decimals
        17 == 17.0
        17 == 17.
        17 == +17
        017 == 17
        -8 == −8
        -8 == - 8
        0 == -0
        0.75 == .75
        0.750 == 3/4
        -.5 == -\frac{1}{2}
        ６４ == 64
        12,345 == 12345
        12{,}345 == 12345
        12,\!345 == 12345
        12\,345 == 12345
        12 345 == 12345
        1,000,000 == 1000000
        1{,}000{,}000 == 10^6
        4.2e3 == 4200
        4.2E-3 == 0.0042
        6.02 \times 10^{4} == 60200
        6.02 \cdot 10^4 == 60200
        6.02×10^4 == 60200
        0.\overline{27} == \frac{3}{11}
        2.1\overline{6} == \frac{13}{6}
        -0.\overline{9} == -1
        # fractions
        \frac{14}{21} == \frac{2}{3}
        \dfrac{5}{8} == \frac{5}{8}
        \tfrac{5}{8} == \frac58
        \cfrac{5}{8} == 5/8
        \frac 58 == \frac{5}{8}
        \frac5{18} == \frac{5}{18}
        \frac{15}8 == 15/8
        5÷8 == \frac58
        -\frac{5}{8} == \frac{-5}{8}
        -\frac{5}{8} == \frac{5}{-8}
        \frac{-5}{-8} == \frac{5}{8}
        \frac{1.5}{2} == 0.75
        \frac{\frac{1}{2}}{3} == \frac16
        \frac{3}{4} \cdot \frac{2}{3} == \frac12
        2\frac{3}{7} == \frac{17}{7}
        2 3/7 == \frac{17}{7}
        -2\frac{3}{7} == -\frac{17}{7}
        3½ == 3.5
        ¾ == 0.75
        # powers and roots
        2^{12} == 4096
        2^12 == 4096
        3^{-2} == \frac{1}{9}
        (-2)^3 == -8
        4^{3/2} == 8
        8^{\frac{2}{3}} == 4
        2^{100} \cdot 2^{-98} == 4
        9^{500} == 3^{1000}
        \sqrt{18} == 3\sqrt{2}
        \sqrt2 == \sqrt{2}
        √50 == 5\sqrt{2}
        \sqrt{\frac{3}{4}} == \frac{\sqrt{3}}{2}
        \sqrt{0.25} == \frac{1}{2}
        \sqrt{2}\sqrt{3} == \sqrt{6}
        \sqrt{2}\cdot\sqrt{8} == 4
        \frac{6}{\sqrt{3}} == 2\sqrt{3}
        \frac{1}{\sqrt{5}-2} == \sqrt{5}+2
        \frac{1}{\sqrt{2}+\sqrt{3}} == \sqrt{3}-\sqrt{2}
        \sqrt[3]{24} == 2\sqrt[3]{3}
        \sqrt[3]{4} \cdot \sqrt[3]{2} == 2
        \sqrt[4]{4} == \sqrt{2}
        2^{1/2} == \sqrt 2
        \sqrt{45} + \sqrt{20} == 5\sqrt{5}
        3+\sqrt{7} == \sqrt{7}+3
        \frac{2+\sqrt{8}}{2} == 1+\sqrt{2}
        (1+\sqrt{2})^2 == 3+2\sqrt{2}
        # pi, e, i
        \frac{\pi}{3} == \frac{1}{3}\pi
        \pi/3 == \frac{\pi}{3}
        4 \pi == \pi \cdot 4
        4π == 4\pi
        \pi r^2 == r^2 \pi
        \frac{8\pi\sqrt{3}}{2} == 4\sqrt{3}\pi
        \frac{10}{2\pi} == \frac{5}{\pi}
        e^2 \cdot e^3 == e^5
        \sqrt{-9} == 3i
        i^3 == -i
        i^{2026} == -1
        3i+2 == 2+3i
        (2+i)(2-i) == 5
        \frac{5}{2+i} == 2-i
        \frac{1}{i} == -i
        (1+i)^8 == 16
        \frac{1+i\sqrt{3}}{2} == \frac{1}{2}+\frac{\sqrt{3}}{2}i
        # algebra
        3x+4x == 7x
        a(b+c) == ab+ac
        (x-1)(x+1) == x^2-1
        (a-b)^3 == a^3-3a^2b+3ab^2-b^3
        5-x == -x+5
        -(x-5) == 5-x
        \frac{2x+6}{2} == x+3
        \frac{x^2-9}{x-3} == x+3
        \frac{x^2+3x+2}{x^2-1} == \frac{x+2}{x-1}
        \frac{a^2-b^2}{a-b} == a+b
        \frac{1}{2}x == \frac{x}{2}
        0.5x == \frac{x}{2}
        x \cdot x == x^2
        x·y == yx
        x*y == xy
        2^{n}\cdot 2 == 2^{n+1}
        4^n == 2^{2n}
        6^n == 2^n 3^n
        e^{x}e^{y} == e^{x+y}
        \sqrt{4x} == 2\sqrt{x}
        \sqrt{9x+18} == 3\sqrt{x+2}
        |2-x| == |x-2|
        \left|x\right| == |x|
        \alpha\beta == \beta\alpha
        x_1 + x_2 == x_2 + x_{1}
        \frac{3}{x} == 3x^{-1}
        \frac{x}{x+1} == 1-\frac{1}{x+1}
        \frac{1}{x}+\frac{1}{y} == \frac{x+y}{xy}
        \frac{1}{x-1}-\frac{1}{x+1} == \frac{2}{x^2-1}
        # functions
        \cos 60^\circ == 0.5
        \cos\frac{\pi}{3} == \frac{1}{2}
        \sin(45°) == \frac{\sqrt{2}}{2}
        \tan 120^\circ == -\sqrt{3}
        \sec 60^\circ == 2
        \sin^2 30^\circ == \frac14
        \sin\left(x\right) == \sin x
        \sin(2x) == \sin 2x
        \log_3 81 == 4
        \log_{4} 8 == \frac{3}{2}
        \log_{10} 1000 == 3
        \ln e^3 == 3
        \ln 9 == 2\ln 3
        \ln 6 == \ln 2 + \ln 3
        6! == 720
        \binom{7}{3} == 35
        \dbinom{7}{3} == 35
        |-4| == 4
        # dress
        $9$ == 9
        \(9\) == 9
        \[9\] == 9
        \boxed{9} == 9
        \boxed{\frac{9}{2}} == 4.5
        **9** == 9
        {9} == 9
        \text{9} == 9
        \mathbf{9} == 9
        \displaystyle 9 == 9
        9\, == 9
        \;9\; == 9
        9~ == 9
        \quad 9 == 9
        9,\ == 9
        = 9 == 9
        \left(9\right) == 9
        \bigl(1, 2\bigr) == (1,2)
        \mathrm{e}^{2} == e^2
        x = 9 == 9
        k=9 == 9
        9 = x == 9
        f(x) = 3x+1 == 3x+1
        f^{-1}(x) = x-2 == x-2
        \text{Area} = 9 == 9
        A = 9\pi == 9\pi
        a_n = 2n+1 == 2n+1
        x = 4 + 5 = 9 == 9
        # units, money, percent, degrees
        9\text{ m} == 9
        9\text{ m}^2 == 9
        9\text{ km/h} == 9
        9\,\mathrm{kg} == 9
        9\mathrm{~cm}^{3} == 9
        9 cm == 9
        9 apples == 9
        9 square inches == 9
        9\text{ feet per second} == 9
        9\text{ m}/\text{s} == 9
        2.5\text{ hours} == \frac{5}{2}
        1 1/2 cups == \frac{3}{2}
        \frac{9}{2}\text{ units} == 4.5
        3 \text{ million} == 3{,}000{,}000
        2 dozen == 24
        \$9 == 9
        $9.50 == 9.5
        \$9{,}000 == 9000
        €9 == 9
        9\text{ dollars} == \$9
        9\% == 9
        9% == 9
        9\text{ percent} == 9\%
        45^\circ == 45
        45^{\circ} == 45
        45° == 45
        45\degree == 45
        45\text{ degrees} == 45^\circ
        20^\circ\text{C} == 20
        # words and choices
        \text{odd} == odd
        \textbf{north} == North
        \text{No Solution} == no solution
        \text{no solution} == \mathrm{no~solution}
        \text{seven} == 7
        (B) == B
        \text{B} == B
        \textbf{(B)} == \text{B}
        (b) == B
        B. == \mathrm{(B)}
        \text{all real numbers} == (-\infty,\infty)
        \mathbb{R} == (-\infty, \infty)
        # points and intervals
        (4,-1) == ( 4, -1 )
        \left(4, -1\right) == (4,-1)
        (\frac{8}{2}, -1.0) == (4,-1)
        \langle 4, -1 \rangle == (4,-1)
        (x,y) = (4,-1) == (4,-1)
        x=4, y=-1 == (4,-1)
        y=-1, x=4 == (4,-1)
        (1,2,3) == (1, 2, \frac{6}{2})
        [0,1) == \left[0, 1\right)
        0 \le x < 1 == [0,1)
        1 > x \geq 0 == [0,1)
        x \in [0,1) == [0,1)
        x \geq 2 == [2,\infty)
        2 \leq x == [2, \infty)
        2x < 6 == (-\infty, 3)
        -x < 6 == (-6, \infty)
        x \leqslant 2 == (-\infty, 2]
        (2,3)\cup(0,1) == (0,1) \cup (2,3)
        x<0 \text{ or } x>1 == (-\infty,0)\cup(1,\infty)
        x \neq 2 == (-\infty,2)\cup(2,\infty)
        \mathbb{R}\setminus\{2\} == x \ne 2
        # sets and lists
        \{4, 1\} == \{1, 4\}
        \left\{ 4, 1 \right\} == 1, 4
        \{1, 1, 4\} == \{1,4\}
        1 \text{ and } 4 == 4, 1
        1 or 4 == 1,4
        1, 2, \text{ and } 3 == 3, 2, 1
        1; 4 == 1, 4
        x = 1, x = 4 == 1, 4
        x = 1 \text{ or } x = 4 == \{1,4\}
        \pm 5 == -5, 5
        \{-5,5\} == \pm\sqrt{25}
        2 \pm \sqrt{3} == 2-\sqrt{3}, 2+\sqrt{3}
        \frac{-1 \pm \sqrt{5}}{2} == \frac{-1+\sqrt{5}}{2}, \frac{-1-\sqrt{5}}{2}
        \pm 1 \pm i == 1+i, 1-i, -1+i, -1-i
        \{\} == \varnothing
        (1,2), (3,4) == (3,4), (1,2)
        1000, 2000 == 1{,}000, 2{,}000
        # matrices
        \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} == \begin{bmatrix}1&2\\3&4\end{bmatrix}
        \begin{pmatrix} 1/2 \\ 3 \end{pmatrix} == \begin{pmatrix} \frac12 \\ 3 \end{pmatrix}
        \begin{pmatrix} 1 \\ 2 \\ \end{pmatrix} == \left(\begin{array}{c} 1 \\ 2 \end{array}\right)
        \begin{pmatrix} 0.5 & 1 \end{pmatrix} == \begin{pmatrix} 1/2 & 1 \end{pmatrix}
        # bases, equations, ratios
        734_8 == 734_{8}
        734_{\text{8}} == 734 \text{ (base 8)}
        1010_{\text{two}} == 1010_2
        0110_2 == 110_2
        99_{10} == 99
        y = 3x - 2 == 3x - y - 2 = 0
        y=3x-2 == y = -2+3x
        2x + 4y = 6 == x + 2y = 3
        x^2 + y^2 = 4 == 4 = y^2 + x^2
        2x = 8 == 4
        4x - 6y + 2z = 0 == 2x - 3y + z = 0
        x^2 - y > 0 == 2x^2 > 2y
        5:7 == \frac{5}{7}
        10:14 == 5:7
        2:4:8 == 1:2:4
    """#
