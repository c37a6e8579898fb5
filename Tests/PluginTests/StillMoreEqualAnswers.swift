/// Still more pairs of answers that mean the same, in the form of `equalAnswers`.
let stillMoreEqualAnswers = #"""
        # functions are no products
        f(x)=2x+1 == 2x+1
        f(2x)+1 == 1+f(2x)
        2f(x+1) == f(1+x)\cdot 2
        f(x)g(x) == g(x)f(x)
        x(x+1) == x^2+x
        a(b+c) == ab+ac
        n(n-1) == n^2-n
        k(k+1) == k^2+k
        \pi(r+1) == \pi r+\pi
        \frac{1}{Px+P} == \frac{1}{P\cdot(x+1)}
        # units with powers, directions, logic
        f \circ g == f ∘ g
        30\circ == 30
        30^\circ == 30
        5\text{ m s}^{-1} == 5
        5\text{ m s}^{-2} == 5
        5\text{ N kg}^{-1} == 5
        5\ \mathrm{m}\,\mathrm{s}^{-1} == 5
        5\text{ m}^{-1} == 5
        5\text{ m s⁻¹} == 5
        5\text{ m s^{-1}} == 5
        2.5 \text{ kg m}^{-3} == 2.5
        500\text{ BC} == 500 BC
        500\text{ AD} == 500 AD
        30^\circ\text{ N} == 30^\circ N
        5\text{ N} == 5
        5\text{ KM} == 5
        x=1 \lor x=2 == x=1 \text{ or } x=2
        x<0 \vee x>1 == (-\infty,0)\cup(1,\infty)
        # ordinals, parts and multiples
        4^{\text{th}} == 4th
        4^{th} == 4th
        21^{\text{st}} == 21st
        4\text{th} == 4th
        2^{\mathrm{nd}} == 2nd
        5 thirteenths == \frac{5}{13}
        5\text{ thirteenths} == \frac{5}{13}
        2 fifteenths == \frac{2}{15}
        5 eighteenths == 5/18
        3 fortieths == 3/40
        3 fiftieths == 3/50
        3 billionths == 3 \times 10^{-9}
        5 tens == 50
        5\text{ tens} == 50
        5 lakh == 500000
        5 crore == 50{,}000{,}000
        # infinities
        -\infty == -\infty
        x > 3 == (3, \infty)
        # vectors, words in text, choices
        3\mathbf{i}+4\mathbf{j} == 4\mathbf{j}+3\mathbf{i}
        \mathbb{Z} == ℤ
        \Delta y/\Delta x == \frac{\Delta y}{\Delta x}
        (J) == J
        (I) == I
        J == j
        (I) 5 apples == I
        J) 7 == J
        # further
        (J) == j
        f(x+1)-f(x) == -f(x)+f(x+1)
        2P(A) == P(A)\cdot 2
        \frac{f(x+h)-f(x)}{h} == \frac{f(h+x)-f(x)}{h}
        F(x)\log(x) == \log(x) F(x)
        \frac{F}{\sqrt{x+1}} == F/\sqrt{1+x}
        F\sqrt{x+1} == \sqrt{1+x}F
        \frac{g}{h\cdot(x+1)} == \frac{g}{hx+h}
        x_1+\Delta x == \Delta x + x_1
        30^\circ\text{C} == 30
        30^\circ\text{C} == 30^\circ C
        \pi^\circ == \pi
        x^\circ == x
        5\text{ (square units)} == 5
        5\,\text{m/s}^2 == 5
        5\,\text{kg}\cdot\text{m}^2 == 5
        4th grade == 4th grade
        x=1 \vee y=2 == x=1 or y=2
        \text{ab}=\text{ab} == \text{ab}=\text{ab}
        \sin\mathbf{x} == \sin x
        \mathbf{v}=(1,2) == (1,2)
        \mathbf{F}\cdot\mathbf{d} == \mathbf{F}\cdot\mathbf{d}
        2\cdot\mathbf{i} == 2\mathbf{i}
        n\in\mathbb{Z} == n \in ℤ
        \frac{\pi}{2}+k\pi, k\in\mathbb{Z} == k\pi+\frac{\pi}{2}, k\in\mathbb{Z}
        \mathbb{R} == (-\infty,\infty)
        5 dollars lakh == 500000
        1.5 crore == 15000000
        \text{(J)} == J
        \textbf{(I)} == I
        \boxed{J} == J
        # computations, asides, other spellings
        3\times4=12 == 12
        2+3=4+1=5 == 5
        \frac{12}{3}=4 == 4
        \sqrt{8}=2\sqrt{2} == 2\sqrt{2}
        3\times4=12\text{ cm} == 12
        5\text{ solutions} == 5
        3\text{ real solutions} == 3
        3 solutions == 3
        9 (apples) == 9
        5(\pi) == 5\pi
        5(x) == 5x
        5(ab) == 5ab
        \$5/hour == 5
        5/hr == 5
        5/\sin(x) == \frac{5}{\sin x}
        5/x == \frac{5}{x}
        \approx 5 == 5
        \angle A=30^\circ == 30
        \Rightarrow x=5 == 5
        \therefore x=5 == 5
        \color{red}{5} == 5
        \textcolor{blue}{5} == 5
        30^{o} == 30
        (1010)_2 == 1010_2
        （1，2） == (1,2)
        x＝5 == 5
        10⁻³ == 0.001
        x⁻¹ == \frac{1}{x}
        negative seven == -7
        minus seven == -7
        an ellipse == ellipse
        a circle == circle
        \text{The ellipse} == ellipse
        (-\infty,-1)\text{ or }(1,\infty) == (-\infty,-1)\cup(1,\infty)
        (1,2) or (3,4) == (3,4) or (1,2)
        5\text{ N·m} == 5
        # further still
        F(x)=x^2+C == x^2+C
        P(x)=x^2 == x^2
        P(X=2)=\frac{1}{2} == \frac12
        y=f(x)=2x == 2x
        h(t) = -16t^2+5 == -16t^2+5
        Q(x)=x+1 == x+1
        E = mc^2 == mc^2
        \sigma(12)=28 == 28
        \phi(12) = 4 == 4
        p(1-p) == p-p^2
        T(n)=2T(n-1)+1 == 2T(n-1)+1
        T(n)=T(n-1)+n == n+T(n-1)
        \ln(x)(2) == 2\ln x
        \log_2(x)(x+1) == (x+1)\log_2 x
        \text{P}(A) == P(A)
        \operatorname{E}(X) == E(X)
        \Delta G=-5 == -5
        \Delta = b^2-4ac == b^2-4ac
        500\text{ B.C.} == 500 BC
        5\text{ AD} == 5 AD
        5\text{ hundredths} == 0.05
        3 tenths == 0.3
        3 dozens == 36
        3 pairs == 3
        3 couples == 3
        5 hundreds == 500
        5 percent points == 5
        \infty == \infty
        \text{cat} == cat
        \mathit{ab} == ab
        5 passengers ahead == 5 ahead
        K == K
        j+1 == 1+j
        (H) == H
        \left( {3, 4} \right) == (3,4)
        \left[ {3, 4} \right) == [3,4)
        ({3}) == 3
        \large 5 == 5
        \hspace{1cm}5 == 5
        1 cow == 1
        1 fox == 1
        \log_{10} x == \log x
        \log_{10} 2 == \log 2
        m\angle A = 30^\circ == 30
        June 20th == June 20
        July 4^{\text{th}} == July 4
        y(x+1) == xy+y
        q(1-q) == q-q^2
        v(0)=5 == 5
        y(0)=1 == 1
        w(z+1) == wz+w
        p(p+1)/2 == \frac{p^2+p}{2}
        x^2(y) == x^2y
        3 (x+1) == 3x+3
        10 (in) == 10
        3(\text{cm}) == 3
        20 (dollars per hour) == 20
        5/6 hours == 5/6
        1/2 (hour) == 1/2
        60 miles/hour == 60
        5/min == 5
        \$1.50/pound == 1.5
        2\cdot 3 = 6 == 6
        3 \times 4 = 12, 5 == 12, 5
        f(2) = 3 \times 4 = 12 == 12
        x=3\cdot4=12 == 12
        7! = 5040 == 5040
        \binom{5}{2} = 10 == 10
        5 = x == x = 5
        1 solution == 1
        5 min == 5
        7 feet tall == 7
        6 years old == 6
        25 more cookies == 25 more
        3 too many == 3 too many
        a lot == lot
        a == A
        an integer == integer
        negative infinity == -\infty
        minus one half == -\frac12
        negative two thirds == -\frac23
        {\color{red}5} == 5
        \color{red} 5 == 5
        \textcolor{red}{x}+1 == x+1
        \therefore 5 == 5
        \implies x = 3 == 3
        \angle ABC = 40 == 40
        x^{-1} == 1/x
        10^{-3} == 0.001
        (AB)_{16} == AB_{16}
        2^{nd} == 2nd
        3^{rd} == 3rd
        12 nd == 12nd
        20\text{ E} == 20
        (-\infty,1)\cup(1,\infty) == (-\infty,1) or (1,\infty)
        (-\infty,1) or (1,2) == (-\infty,1) \cup (1,2)
        (-\infty, 3), (4, \infty) == (-\infty, 3), (4, \infty)
        i == i
        I, II == II, I
        (j) == J
        c == C
        J. 5 == J
        \text{Option J} == J
        250\text{ mL} == 250
        \mathrm{e}^{2} == e^2
        \mathrm{d}x == dx
        \mathrm{i} == i
        \mathrm{kg} == kg
        \text{I} == I
        2\cdot 3\cdot 5 == 30
        2 × 3 == 6
        \mathbf{2}\times\mathbf{3} == 6
        \mathbf{(C)} == C
        \mathbf{A} == A
        \mathbf{x}=5 == 5
        \mathbf{a}\mathbf{b} == \mathbf{a}\mathbf{b}
        \Delta H = 5 == 5
        \Delta x \Delta y == \Delta y \Delta x
        \Delta x^2 == (\Delta x)^2
        \Delta(x+1) == \Delta\cdot x+\Delta
        E(2) = 3 == 3
        (1,2) or [3,4] == [3,4] or (1,2)
    """#
