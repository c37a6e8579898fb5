/// Further pairs of answers that mean the same, in the form of `equalAnswers`.
let moreEqualAnswers = #"""
        # sets in sets
        \{2\} == 2
        \{\{1,2\},\{3\}\} == \{\{3\},\{2,1\}\}
        \{\{1,2\},\{3\}\} == \{ \{ 3 \}, \{ 1, 2, 2\} \}
        \{\{\}\} == \{\emptyset\}
        x = \{1,2\} == 1, 2
        x \in \{2\} == 2
        \{1\} \cup \{2,3\} == \{1,2,3\}
        # values with names
        (x,y)=(1,2) == (y,x)=(2,1)
        (x,y)=(1,2) == (1,2)
        (x,y,z)=(1,2,3) == (z,y,x)=(3,2,1)
        (x,y,z)=(1,2,3) == (1,2,3)
        (m,b)=(2,3) == (2,3)
        (r,\theta)=(2,\pi) == (2,\pi)
        x_1=2,x_2=3 == x_2=3,x_1=2
        x=2 or x=3 == x=3 or x=2
        x=2 or x=3 == 2,3
        x=1,y=2 == y=2,x=1
        x=1,y=2 == (1,2)
        x=1,y=2 or x=3,y=4 == (1,2),(3,4)
        x=1, y=2; y=4, x=3 == (3,4),(1,2)
        (x=1,y=2) == (1,2)
        (y=2,x=1) == (1,2)
        \text{Area} = 5, \text{Perimeter} = 12 == \text{Perimeter} = 12, \text{Area} = 5
        # one sign for two
        \mp 3 == \pm 3
        1 \pm 2 \mp 3 == 0, 2
        # factorials, derivatives, dots
        3!! == 3
        6!! == 48
        (3!)! == 720
        \frac{dy}{dx} == \frac{dy}{dx}
        dy/dx == \frac{dy}{dx}
        0.333... == \frac13
        0.333\ldots == 1/3
        0.1666... == 1/6
        0.121212... == 0.\overline{12}
        0.142857142857... == 1/7
        0.999... == 1
        0.(3) == 1/3
        0.\bar{3} == 1/3
        0.\dot{3} == 1/3
        # capitals and roman numerals
        NE == \text{NE}
        2AB == 2 AB
        A \cdot B == B \cdot A
        \text{I and II} == \text{II and I}
        \text{I, II} == \text{I and II}
        I, II, and III == I, II, III
        # words that tell more than a unit
        5 p.m. == 5 PM
        3:00 PM == 3:00 p.m.
        3 fifths == \frac{3}{5}
        3\text{ fifths} == \frac{3}{5}
        3 halves == 1.5
        2 thirds == 2/3
        3 quarters == 0.75
        7 tenths == 0.7
        7 hundredths == 0.07
        5\% increase == 5 percent increase
        \$5 loss == 5 dollars loss
        5 miles north == 5.0 north
        \frac{5}{2} north == 2.5 north
        1+\sqrt2 north == \sqrt2+1 north
        3\text{ cm}, 5\text{ cm} == 3, 5
        3 cm and 5 cm == 3, 5
        7 dollars and 50 cents == 7.50
        7\text{ dollars and }50\text{ cents} == \$7.50
        7 dollars and 5 cents == 7.05
        # unions
        [0,1)\cup\{1\} == [0,1]
        (0,1)\cup(0,2) == (0,2)
        (0,1]\cup(1,2) == (0,2)
        (0,1)\cup\{1\}\cup(1,2) == (0,2)
        [0,2]\cup[1,3] == [0,3]
        (-\infty,1)\cup(0,\infty) == \mathbb{R}
        (-\infty,0]\cup(0,\infty) == (-\infty,\infty)
        (0,1)\cup(2,3) == (2,3)\cup(0,1)
        (-\infty,0)\cup\{5\} == \{5\}\cup(-\infty,0)
        (0,1)\cup\emptyset == (0,1)
        (0,\sqrt2)\cup(3,4) == (3,4)\cup(0,\sqrt{2})
        x<0 \text{ or } x<1 == x<1
        x \le 1 \text{ or } x \ge 1 == \mathbb{R}
        # inequalities, set builders, turned brackets
        |x|<2 == (-2,2)
        |x|\le 2 == [-2,2]
        |x-1|<3 == (-2,4)
        |x|>2 == (-\infty,-2)\cup(2,\infty)
        |x|\ge 2 == (-\infty,-2]\cup[2,\infty)
        2 > |x| == (-2,2)
        |2x-1| \le 5 == [-2,3]
        \{x : 0<x<1\} == (0,1)
        \{x \mid x > 0\} == (0,\infty)
        \{x | x > 0\} == (0,\infty)
        \{x \in \mathbb{R} : x \ne 2\} == x \neq 2
        \{x \in \mathbb{R} \mid 0 \le x \le 1\} == [0,1]
        \{x : x > 1 \text{ or } x < 0\} == (-\infty,0)\cup(1,\infty)
        ]0,1[ == (0,1)
        ]0,1] == (0,1]
        [0,1[ == [0,1)
        ]-\infty,2] == (-\infty,2]
        ]1,200[ == (1, 200)
        ]0,1[\cup]2,3[ == (0,1)\cup(2,3)
        # numbers times matrices
        2\begin{pmatrix}1&2\\3&4\end{pmatrix} == \begin{pmatrix}2&4\\6&8\end{pmatrix}
        \frac{1}{2}\begin{pmatrix}2\\4\end{pmatrix} == \begin{pmatrix}1\\2\end{pmatrix}
        -\begin{pmatrix}1\\2\end{pmatrix} == \begin{pmatrix}-1\\-2\end{pmatrix}
        2 \cdot \begin{pmatrix}1\\2\end{pmatrix} == \begin{pmatrix}2\\4\end{pmatrix}
        # letters in bases
        1A_{16} == 1a_{16}
        2a_{12} + 1 == 1 + 2a_{12}
        ff_{16} == FF_{16}
        # functions with exact values
        |3+4i| == 5
        |1+i| == \sqrt2
        |-\sqrt{2}| == \sqrt2
        |-\pi| == \pi
        \lfloor 3.7\rfloor == 3
        \lfloor -3.7\rfloor == -4
        \lceil 3.2\rceil == 4
        \lceil -3.2 \rceil == -3
        \arctan 1 == \frac{\pi}{4}
        \arctan(-1) == -\frac{\pi}{4}
        \arctan \sqrt{3} == \frac{\pi}{3}
        \arctan \frac{1}{\sqrt3} == \frac{\pi}{6}
        \tan^{-1}(1) == \frac{\pi}{4}
        \arcsin \frac12 == \frac{\pi}{6}
        \arcsin(-1) == -\frac{\pi}{2}
        \arccos \frac12 == \frac{\pi}{3}
        \arccos(-\frac12) == \frac{2\pi}{3}
        \arccos 0 == \frac{\pi}{2}
        \arcsin \frac{\sqrt2}{2} == \frac{\pi}{4}
        \arccos \frac{\sqrt3}{2} == \frac{\pi}{6}
        \arccos 1 == 0
        (-1)^n == (-1)^{n}
        (-1)^{n+1} == -(-1)^n
        (-2)^n == (-1)^n 2^n
        e^{i\pi} == -1
        e^{i\pi/2} == i
        e^{2\pi i} == 1
        e^{i\pi/3} == \frac12+\frac{\sqrt3}{2}i
        2e^{i\pi} == -2
        \cos 15^\circ == \frac{\sqrt6+\sqrt2}{4}
        \sin 75^\circ == \frac{\sqrt6+\sqrt2}{4}
        \tan 15^\circ == 2-\sqrt3
        \sqrt{3+2\sqrt2} == 1+\sqrt2
        \sqrt{7-4\sqrt3} == 2-\sqrt3
        \sqrt{5+2\sqrt6} == \sqrt2+\sqrt3
        # units, currencies, numbers in words
        12 m/s == 12
        9.8 m/s^2 == 9.8
        9.8 m/s² == 9.8
        9.8\text{ m/s}^2 == 9.8
        9.8\text{ m/s}^{2} == 9.8
        60 km/h == 60
        36 sq in == 36
        36 sq. in. == 36
        36 sq ft == 36
        USD 5 == 5
        USD 5 == \$5
        5 USD == 5
        twenty-one == 21
        twenty one == 21
        one hundred five == 105
        \text{one hundred and five} == 105
        two thirds == \frac23
        two-thirds == \frac23
        one half == 0.5
        half == 0.5
        seven apples == 7
        5 and a half == 5.5
        five and a half == 5.5
        2 and three quarters == 2.75
        1 to 2 == 1:2
        3 to 4 == 3:4
        3 x 10^8 == 300000000
        # choices with their text
        option A == A
        Option (B) == B
        choice C == C
        C) 5 == C
        (C) 5 == C
        C. 5 == C
        C: 5 == C
        \textbf{(C)}\ 5 == C
        \textbf{(A)}\ \frac{1}{2} == A
        DNE == does not exist
        DNE == \text{does not exist}
        no solutions == no solution
        no real solutions == no real solution
        # results and compositions
        (f \circ g)(x) = 4x^2 == 4x^2
        f(g(x)) = 4x^2 == 4x^2
        12\text{ A} == 12
        100\text{ F} == 100
        2^{10} = 1024 == 1024
        1+2+3=6 == 6
        \frac{1}{2}=0.5 == 0.5
        5-2=3\text{ apples} == 3
        5-2=3 apples == 3
        12 \div 4 = 3 == 3
        \$5 + \$3 = \$8 == 8
        5 + 3 = 8, 9 == 8, 9
        2+2=4 or 5 == 4 or 5
        3 \cdot 4 \text{ cm} = 12 \text{ cm} == 12
        3/hour == 3
        1/2 cup == 1/2
        1/2 cups/day == 1/2
        5/2 hours == 5/2
        f\!\left(x\right) == f(x)
        f(x) = \frac{x}{2} == \frac{x}{2}
        f^{-1}(x) = 2x == 2x
        f''(x)=2 == 2
        f(x,y)=x+y == x+y
        f(1) < f(2) == f(2) > f(1)
        [f(1), f(2)] == [f(1), f(2)]
        \{f(1), f(2)\} == \{f(2), f(1)\}
        \frac{f(b)-f(a)}{b-a} == \frac{f(a)-f(b)}{a-b}
        \sqrt{f(x)} == f(x)^{1/2}
        e^{f(x)} == e^{f(x)}
        \sin(f(x)) == \sin f(x)
        n\phi(n) == \phi(n)n
        O(n^2) == O(n^2)
        \Gamma(1/2) == \Gamma(0.5)
        \zeta(2)=\frac{\pi^2}{6} == \frac{\pi^2}{6}
        E = 5 == 5
        Q = 3(x+1) == Q=3x+3
        Q(2,3) == Q(2,3)
        P=(2,3) == (2,3)
        y = P(x) == P(x)
        w(x) = 2x == 2x
        p = q(r+s) == p=qr+qs
        v(u+w) == uv+vw
        Pe^{rt} == e^{rt}P
        P\left(1+\frac{r}{n}\right)^{nt} == P\left(1+\frac{r}{n}\right)^{nt}
        1000(1.05)^{10} == 1000\cdot 1.05^{10}
        h(b_1+b_2)/2 == \frac{h(b_2+b_1)}{2}
    """#
