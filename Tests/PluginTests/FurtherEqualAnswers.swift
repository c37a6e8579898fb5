/// Pairs like those of `moreEqualAnswers`, written by trying what else a mathematician would want.
let furtherEqualAnswers = #"""
        # further
        2e + 3 == 3 + 2e
        35e + 70ei == 35e(1+2i)
        2e+3 == 2000
        \{(1,2),(3,4)\} == \{(3,4),(1,2)\}
        \{(1,2)\} == (1,2)
        \{\{1,2\},\{2,1\}\} == \{\{1,2\}\}
        \{1,2\} \cup \{2,3\} == \{1,2,3\}
        \{a,b\} == \{b,a\}
        \{\varnothing\} == \{\emptyset\}
        \{\} == \emptyset
        S = \{1,2\} == \{2,1\}
        (x, y) = (3, -2) == x = 3, y = -2
        x = 3 \text{ and } y = -2 == (3,-2)
        a = 1, b = 2, c = 3 == c=3, a=1, b=2
        x = 2, 3 == 2, 3
        x=\pm 2 == 2,-2
        (p,q)=(3,5) == (q,p)=(5,3)
        \alpha = 1, \beta = 2 == \beta=2, \alpha=1
        \pm 3 == \{3,-3\}
        \pm\sqrt{2} == \mp\sqrt{2}
        2 \mp 1 == 1, 3
        -\pm 3 == \pm 3
        0.\overline{142857} == 1/7
        0.\overline{3} == 0.333...
        .333\ldots == 1/3
        3.\overline{3} == 10/3
        1.999... == 2
        1e3 == 1000
        5!! == 15
        4!! == 8
        0! == 1
        5. == 5
        \text{I} == I
        \text{True} == true
        5 dollars profit == \$5 profit
        10:30 a.m. == 10:30 AM
        7 a.m. == 7 AM
        7\text{ a.m.} == 7 AM
        44 B.C. == 44 BC
        15 miles per hour == 15
        5 apples == 5
        5 hundreds == 500
        three-quarters == 0.75
        one third == 1/3
        one and a half == 1.5
        two and two thirds == 8/3
        ninety-nine == 99
        one million == 1000000
        two thousand twenty-six == 2026
        one hundred twenty-three == 123
        one or two == 1, 2
        zero == 0
        two halves == 1
        3 tenths == 0.3
        two-fifths == 2/5
        3/4 cup == 0.75
        1\frac{1}{2}\text{ cups} == 1.5
        5\text{ million dollars} == 5{,}000{,}000
        \$3.5 million == 3500000
        50 cents == 50
        90 minutes == 90
        1:2 == 1 to 2
        2 to 4 == 1 to 2
        1:2:3 == 2:4:6
        [1,2]\cup[2,3] == [1,3]
        [1,2)\cup[2,3] == [1,3]
        \{1\}\cup\{2\} == \{1,2\}
        (0,1)\cup\{1\} == (0,1]
        \{0\}\cup(0,1)\cup\{1\} == [0,1]
        (0,1)\cup\{1,2\} == (0,1]\cup\{2\}
        (0,\infty)\cup\{0\} == [0,\infty)
        (0,1)\cup(0,1) == (0,1)
        \left(-\infty,\frac12\right]\cup\left[\frac12,\infty\right) == \mathbb{R}
        x<1 or x>3 == (-\infty,1)\cup(3,\infty)
        x<3 or x>1 == \mathbb{R}
        |x-2| \leq 5 == -3 \le x \le 7
        |x+1|>2 == x<-3 \text{ or } x>1
        |3-x|<1 == (2,4)
        \{x : x \geq 2\} == [2,\infty)
        \{x \in \mathbb{R} : |x| < 2\} == (-2,2)
        ]-1,1[ == (-1,1)
        [2,+\infty[ == [2,\infty)
        ]-\infty,+\infty[ == \mathbb{R}
        x \in (2,5) == 2<x<5
        \cos 75^\circ == \frac{\sqrt6-\sqrt2}{4}
        \sin 15^\circ == \frac{\sqrt6-\sqrt2}{4}
        \tan 75^\circ == 2+\sqrt3
        \cos 105^\circ == -\frac{\sqrt6-\sqrt2}{4}
        \sin^{-1}\frac{\sqrt3}{2} == \frac{\pi}{3}
        \arctan(-\sqrt3) == -\frac{\pi}{3}
        \arccos(-1) == \pi
        \arctan 0 == 0
        |{-3}| == 3
        |5-12i| == 13
        \lfloor 5 \rfloor == 5
        \lceil 5 \rceil == 5
        \lfloor x \rfloor + 1 == 1 + \lfloor x \rfloor
        e^{i\pi}+1 == 0
        e^{-i\pi} == -1
        e^{\pi i/4} == \frac{\sqrt2}{2}+\frac{\sqrt2}{2}i
        e^{2i\pi/3} == -\frac12+\frac{\sqrt3}{2}i
        (-1)^{n} 2^{n} == (-2)^n
        (-1)^{n-1} == (-1)^{n+1}
        \sqrt{4+2\sqrt{3}} == 1+\sqrt3
        \sqrt{6-2\sqrt5} == \sqrt5-1
        \sqrt{2+\sqrt3} == \frac{\sqrt6+\sqrt2}{2}
        \frac{1}{\sqrt{3+2\sqrt2}} == \sqrt2-1
        \frac{dy}{dx} = 2x == dy/dx = 2x
        f'(x)=2x == 2x
        \frac{d}{t} == d/t
        \frac{d}{2} == \frac12 d
        2\begin{bmatrix} 1 \\ 2 \end{bmatrix} == \begin{pmatrix} 2 \\ 4 \end{pmatrix}
        -2\begin{bmatrix} 1 & -1 \end{bmatrix} == \begin{bmatrix} -2 & 2 \end{bmatrix}
        \frac13\begin{pmatrix} 1 & 2\\ 3&6\end{pmatrix} == \begin{pmatrix} 1/3 & 2/3\\ 1&2\end{pmatrix}
        k\begin{pmatrix}1\\2\end{pmatrix} == \begin{pmatrix}k\\2k\end{pmatrix}
        1a_{16} == 1A_{16}
        ABC_{16} == abc_{16}
        9.8\,\text{m/s}^2 == 9.8
        9.8\ \mathrm{m/s^2} == 9.8
        100 km/h == 100
        5 cu ft == 5
        5 sq cm == 5
        USD 1,200 == 1200
        US\$5 == 5
        Rs. 500 == 500
        5 kg == 5
        45 mph == 45
        5 m/s, 6 m/s == 5, 6
        (C) == C
        C) == C
        C. == C
        (C). == C
        (B) 12 == B) 12
        Option C == (C)
        option C: 5 == C
        choice (D) == D
        \text{(A) } 5 == A
        \textbf{(E) } 12 == E
        A = 5 == 5
        does not exist == DNE
        \text{DNE} == \text{Does Not Exist}
        no real solution == no real solutions
        12/25/2024 == 12/25/2024
        10 - 15 == -5
        15-10 == 5
        f(2)=5 == 5
        P(3) = 7 == 7
        9.8 \frac{\text{m}}{\text{s}^2} == 9.8
        5 \frac{\text{km}}{\text{h}} == 5
        5 times == 5
        x AB == AB x
        A \cdot B == B A
        \frac{AB}{CD} == AB/CD
        AB + CD == CD + AB
        x=1 and y=2 == (1,2)
        x = 1, 2 == 1, 2
        (x,y) = (1,2), (3,4) == (1,2), (3,4)
        (x, y) = (1, 2) \text{ or } (2, 1) == (1,2),(2,1)
        (a,b,c)=(1,2,3) == (1,2,3)
        (x,y) \in \{(1,2)\} == (1,2)
        A = \{1,2\} == 1,2
        a_1 = 2, a_2 = 5 == a_2 = 5, a_1 = 2
        +5 == 5
        -\$5 == -5
        \$-5 == -5
        (5) == 5
        \frac{0}{5} == 0
        0.10 == 0.1
        1,000.50 == 1000.5
        1.5 \times 10^3 == 1500
        10^{-2} == 0.01
        50% == 50
        \sqrt[3]{-8} == -2
        \sqrt{-1} == i
        \ln e == 1
        \log 1000 == 3
        \log_2 (1/8) == -3
        2\ln 3 == \ln 9
        \sin(\pi/6) == 1/2
        \sec 0 == 1
        \cot 45^\circ == 1
        a^{-1} == 1/a
        \frac{1}{2}x^2 == \frac{x^2}{2}
        (x+1)(x-1) == x^2-1
        x(x+1) == x^2+x
        x^{1/2} == \sqrt{x}
        \sqrt{x}\sqrt{x} == x
        \frac{x^2-1}{x-1} == x+1
        2^{x+1} == 2 \cdot 2^x
        y = mx + b == mx+b
        y - 1 = 2(x-3) == y = 2x - 5
        \frac{x}{2} + \frac{y}{3} = 1 == 3x+2y=6
        x^2+y^2=25 == y^2+x^2-25=0
        (x-1)^2+(y-2)^2=9 == x^2-2x+y^2-4y=4
        r = 2 \sin\theta == 2\sin\theta
        n \ge 5 == [5,\infty)
        5 \le n == n \ge 5
        -3 < x \le 4 == (-3,4]
        (-\infty, -1] \cup [3, \infty) == x \le -1 \text{ or } x \ge 3
        \mathbb{R} \setminus \{1\} == (-\infty,1)\cup(1,\infty)
        \text{all real numbers} == \mathbb{R}
        \emptyset == \text{empty set}
        \text{A, B} == A, B
        \text{A and C} == A, C
        x=1 or y=2 == y=2 or x=1
        x<0 or x>1 == (-\infty,0)\cup(1,\infty)
        x > 1, y > 2 == y > 2, x > 1
        A = \{1\}, B = \{2\} == B = \{2\}, A = \{1\}
        f(1)=2, f(2)=3 == f(2)=3, f(1)=2
        I, II or III == II, I or III
    """#
