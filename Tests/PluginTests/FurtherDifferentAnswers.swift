/// Still further pairs of answers that do not mean the same, in the form of `differentAnswers`.
let furtherDifferentAnswers = #"""
        # functions are no products
        f(2x) != 2f(x)
        f(-x) != -f(x)
        f(g(x)) != g(f(x))
        f(x)^2 != f(x^2)
        f(a+b) != f(a)+f(b)
        f(2x)/f(x) != 2
        f(0) != 0
        f(1) != F
        f(2)-f(1) != F
        f(2)-f(1) != f
        \phi(12) != 12\phi
        \sigma(12) != 12\sigma
        \tau(12) != 12\tau
        \zeta(2) != 2\zeta
        \Gamma(5) != 5\Gamma
        E(X^2) != E(X)^2
        T(n-1)+1 != nT-T+1
        f^{-1}(2) != 2/f
        f_1(2) != 2f_1
        P(A) != PA
        \frac{1}{P(x+1)} != \frac{1}{Px+P}
        # units with powers, directions, logic
        f\circ g != g\circ f
        f\circ g != fg
        (f\circ g)(x) != (g\circ f)(x)
        f ∘ g != g ∘ f
        5\text{ m s}^{-1} != \frac{1}{5}
        500\text{ BC} != 500\text{ AD}
        500\text{ BCE} != 500\text{ CE}
        30^\circ\text{ N} != 30^\circ\text{ S}
        30^\circ\text{ E} != 30^\circ\text{ W}
        5\text{ NE} != 5\text{ SW}
        5\text{ km NE} != 5\text{ km SW}
        30^\circ\text{ E of N} != 30^\circ\text{ N of E}
        p\land q != p\lor q
        p\land q != p,q
        p\lor q != p,q
        p\wedge q != p\vee q
        1\land 0 != 1\lor 0
        # ordinals, parts and multiples
        4^{\text{th}} != 4
        4^{\text{th}} != 4^{ht}
        4th != 4ht
        5 thirteenths != 5
        3 billionths != 3
        3 trillionths != 3
        5 factorial != 5
        5\text{ factorial} != 5
        5 score != 5
        5 gross != 5
        5 grand != 5
        # words that say which way or when
        5 ahead != 5 behind
        3\text{ in front} != 3\text{ behind}
        5\text{ minutes fast} != 5\text{ minutes slow}
        5\text{ (maximum)} != 5\text{ (minimum)}
        5 maximum != 5 minimum
        5\text{ inward} != 5\text{ outward}
        5 uphill != 5 downhill
        5 upstairs != 5 downstairs
        5 too many != 5 too few
        5 tomorrow != 5 yesterday
        5 first != 5 last
        5 overweight != 5 underweight
        5 inclusive != 5 exclusive
        5 spring != 5 autumn
        5 summer != 5 winter
        5 eastbound != 5 westbound
        5 deeper != 5 shallower
        5\text{ farther} != 5\text{ closer}
        # infinities
        \infty-\infty != 0
        0\cdot\infty != 0
        \infty/\infty != 1
        \frac{\infty}{\infty} != 1
        \infty-\infty+\infty != \infty
        \infty^0 != 1
        1^\infty != 1
        # vectors, words in text, choices
        \mathbf{a}\times\mathbf{b} != \mathbf{b}\times\mathbf{a}
        \mathbf{a}\times\mathbf{b} != \mathbf{a}\cdot\mathbf{b}
        \vec{a}\times\vec{b} != \vec{a}\cdot\vec{b}
        \mathbf{i}\cdot\mathbf{i} != -1
        \mathbf{A}\mathbf{B} != \mathbf{B}\mathbf{A}
        \nabla\cdot F != \nabla\times F
        ∇·F != ∇×F
        \mathbb{Z} != Z
        \mathbb{C} != C
        \text{ab} != \text{ba}
        5,6\text{ respectively} != 6,5\text{ respectively}
        5 and 6 respectively != 6 and 5 respectively
        \frac{\Delta y}{\Delta x} != \frac{y}{x}
        \Delta\theta != \Delta
        (J) != (I)
        i != I
        # further
        (J) != J\text{ or }I
        (i) != (I)
        f(x)=x^2, g(x)=x+1 != f(x)=x+1, g(x)=x^2
        h(x+1) != xh+h
        f'(x) != f(x)
        P(1+r)^n != P^n(1+r)
        Af(x) != fA(x)
        g(x)=f^{-1}(x) != g(x)=f(x)
        E\sqrt{x+1} != E(\sqrt{x+1})
        \frac{g}{h(x+1)} != \frac{g}{hx+h}
        30°N != 30°S
        45^{\circ}\text{NE} != 45^\circ\text{SW}
        4 nd != 5 nd
        2nd != 2
        3rd != 3st
        \vec{a}\cdot\vec{b}=5 != \vec{a}\times\vec{b}=5
        \mathbb{N} != N
        \mathbb{Z}^+ != \mathbb{Z}
        5 first place != 5 last place
        # computations, asides, other spellings
        3\times 4 = 13 != 13
        5=5 != x
        5=5 != 5
        0=0 != 0
        a+b=b+a != b+a
        12-2x=12-2x != 12-2x
        \text{no solutions} != 0
        9 (apples) != 8
        3 (boys), 5 (girls) != 5 (boys), 3 (girls)
        5 (loss) != 5 (profit)
        5/\pi != 5
        \angle A != A
        p\Rightarrow q != pq
        x^{o} != x
        (1010)_2 != 1010
        negative seven != 7
        a and b != b
        5\text{ kg}\cdot x != 5
        # further still
        f(-x)=-f(x) != f(x)=f(-x)
        f(x+y)=f(x)+f(y) != f(xy)=f(x)+f(y)
        f(x+y)=f(x)+f(y) != f(x+y)=f(x)f(y)
        p(2x) != 2p(x)
        u(2x) != 2u(x)
        v(2t) != 2v(t)
        a_{n+1}=2a_n != a_{n}=2a_{n+1}
        (f+g)(x) != (fg)(x)
        E[X^2] != E[X]^2
        E[2X] != 2E[X]
        N(0,1) != N(1,0)
        C(5,2) != C(2,5)
        f \circ g(x) != g\circ f(x)
        g^2(x) != g(x^2)
        g(x)^2 != g^2x
        P(A\cup B) != P(A\cap B)
        P(A,B) != P(B,A)
        \mathbb{E}(X)^2 != \mathbb{E}(X^2)
        \mathbf{u}\cdot(\mathbf{v}\times\mathbf{w}) != \mathbf{u}\times(\mathbf{v}\cdot\mathbf{w})
        2\mathbf{i}\times 3\mathbf{j} != 3\mathbf{j}\times2\mathbf{i}
        \hat{i}\cdot\hat{j} != \hat{i}\times\hat{j}
        \hat{i}\hat{j} != \hat{j}\hat{i}
        \Delta x != \Delta
        500 BC != 500
        500 BC != 500 AD
        10\text{ o'clock am} != 10\text{ o'clock pm}
        5 acres more != 5 acres less
        5 below freezing != 5 above freezing
        x\lor y != x\land y
        A\lor B != B
        \neg p != p
        p\to q != q\to p
        p\Rightarrow q != q\Rightarrow p
        \sin\circ\cos != \cos\circ\sin
        30\text{ degrees N} != 30\text{ degrees S}
        30^\circ N, 40^\circ W != 30^\circ S, 40^\circ W
        30^\circ\text{ N}, 40^\circ\text{ W} != 30^\circ\text{ S}, 40^\circ\text{ W}
        N 30^\circ E != N 30^\circ W
        \text{N}30^\circ\text{E} != \text{S}30^\circ\text{W}
        S30°E != N30°W
        5 ten thousandths != 5
        5 ten-thousandths != 5
        5 hundred-thousandths != 5
        2 pairs != 4
        5 score and 3 != 5
        3 twenty-fifths != 3
        3 twenty-fifths != 3/5
        \frac{1}{\infty} != 0
        \infty+1 != \infty
        2\infty != \infty
        \infty\cdot\infty != \infty
        (0)(\infty) != 0
        e^{-\infty} != 0
        \sqrt{\infty} != 1
        |\infty - \infty| != 0
        \lim_{x\to 0} f(x) != 0
        \text{xy} != \text{yx}
        \textbf{ab} != \textbf{ba}
        \mathrm{ab} != \mathrm{ba}
        \operatorname{ab} != \operatorname{ba}
        \text{AB} != \text{BA}
        5 and 6, respectively != 6 and 5, respectively
        first != last
        J) != I)
        K != k+1
        (K) != K+1
        2j != 2J
        2I != 2i
        3\text{ (a) } != 4
        (\{3,4\}) != (3,4)
        \log_{10} x != \ln x
        June 20th != 20th
        2\text{ km N} != 2\text{ km S}
        2 \times 3\text{ matrix} != 6
        2 \times 3 matrix != 6
        5 doubled != 5
        5 halved != 5
        5 reciprocal != 5
        \frac{df}{dx}(2) != 2\frac{df}{dx}
        A\times B != B\times A
        \mathbf{i}^2 != -1
        bit != tib
        f(30°) != f(31)
        2v(3) != 6v
        4 (5 hours) != 20
        5 (or 6) != 5
        5 (not 6) != 5
        60/hour north != 60/hour south
        2 + 2 = 5 != 5
        -3=-3 != 3
        0.5 = 1/2 != x
        x+1=x+1 != 1
        10\% of 50 = 5 != 50
        3:4=0.75 != 0.75
        5 solutions != no solution
        infinitely many solutions != 1
        5\text{ max} != 5\text{ min}
        the first != the last
        June 5 first != June 5 last
        5 back != 5 front
        5 boys first, 3 girls last != 5 girls first, 3 boys last
        too many != too few
        the same != the different
        a) 5 != b) 5
        A circle != An ellipse
        the sun and the moon != the sun
        the integers != the reals
        minus 5 != 5
        p \implies q != q \implies p
        \angle ABC = \angle DEF != ABC
        \angle ABC != \angle ACB
        m⁻² != m^2
        (1010)_2+1 != 1011
        (12)_x != 12
        (3,4)_2 != (3,4)
        (x)_2 != x
        2^{st} != 2^{ts}
        n^{\text{th}} != n
        10^{th} != 10
        1 st != 1
        B != \mathbb{B}
        30^\circ\text{ S of W} != 30^\circ\text{ W of S}
        (1,2) or (3,\infty) != (1,2)
        i) 5 != 5
        J, K != J
        i\hat{} != I
        \text{mL} != \text{Lm}
        x\text{ mL} != xm
        \operatorname{lcm}(2,3) != 6
        \mathrm{Re}(z) != Rez
        \mathrm{CO}_2 != \mathrm{OC}_2
        a\wedge b != b\wedge a
        \vec{v}=(1,2) != (2,1)
        \Gamma(x+1) != \Gamma x+\Gamma
        E sin x != E(sin x)
        H(2,3) != H(3,2)
        T(2, 3) != T(3,2)
        (1,2) or (3,4) != (1,2)
        (1,2,3) or (1,\infty) != (1,2) or (1,\infty)
        \mathbb{F}_2 != F_2
    """#
