/// Further pairs of answers that do not mean the same, in the form of `differentAnswers`.
let moreDifferentAnswers = #"""
        # sets in sets
        \{\emptyset\} != \emptyset
        \{\emptyset\} != 0
        \{2\} != \{\{2\}\}
        \{1,\{2\}\} != \{1,2\}
        \{1,2\},\{3\} != \{1\},\{2,3\}
        \{1,2\},\{3\} != 1,2,3
        \{\{1\},\{2\}\} != \{1,2\}
        \{\{1,2\}\} != \{1,2\}
        \{\emptyset, \{\emptyset\}\} != \{\emptyset\}
        (\{1\},2) != (1,2)
        # values with names
        (x,y)=(1,2) != (y,x)=(1,2)
        (a,b)=(1,2) != (b,a)=(1,2)
        x_1=2,x_2=3 != x_1=3,x_2=2
        x=1,y=2 or x=3,y=4 != x=1,y=4 or x=3,y=2
        x=1,y=2,y=3 != 1,2,3
        (x=1,y=2) != (x=2,y=1)
        \text{Area} = 5, \text{Perimeter} = 12 != \text{Area} = 12, \text{Perimeter} = 5
        \alpha=1,\beta=2 != \alpha=2,\beta=1
        # one sign for two
        \mp 3 != 3
        \mp 3 != -3
        # factorials, derivatives, dots
        3!! != 720
        \frac{dy}{dx} != \frac{y}{x}
        \frac{dy}{dx} != y/x
        \frac{dy}{dx} = 2x != 2x^2
        \frac{d}{dx} x^2 != x
        \frac{d^2y}{dx^2} != \frac{dy}{dx}
        \frac{dy}{dt} != \frac{dx}{dt}
        0.333... != 0.333
        2.718281828... != 2.718281828
        2.718281828... != 2.7\overline{1828}
        3.14159... != 3.14159
        5... != 5
        1,2,3,\ldots != 1,2,3
        1, 2, 3, ... != 1, 2, 3
        0.(3) != 0
        0.1(6) != 0.6
        # capitals and roman numerals
        NE != EN
        HT != TH
        \{HH,HT,TH,TT\} != \{HH,HT,TT\}
        HH != H^2
        \text{I and II} != \text{I or II}
        A \text{ or } B != A \text{ and } B
        # words that tell more than a unit
        5 March != 5 April
        5 March != 5
        5\text{ March} != 5
        Monday != Tuesday
        5 Monday != 5
        12 noon != 12 midnight
        12 noon != 12
        12\text{ noon} != 12
        5\text{ am} != 5\text{ pm}
        5 AM != 5 PM
        3:00 PM != 3:00 AM
        3:00 PM != 3:00
        500 BC != 500 AD
        500 BC != 500
        500 B.C. != 500 A.D.
        3 fifths != 3
        5 increase != 5
        5 increase != 5 decrease
        5\% increase != 5\% decrease
        5\text{ loss} != 5\text{ profit}
        \$5 loss != \$5
        5 gain != 5 loss
        5 left != 5 right
        5 up != 5 down
        5 above != 5 below
        5 north != 5 south
        5 km east != 5 km west
        5 more != 5 less
        5 positive != 5 negative
        90^\circ clockwise != 90^\circ counterclockwise
        90^\circ\text{ clockwise} != 90
        90° counterclockwise != 90
        3 forward != 3 backward
        5 deposit != 5 withdrawal
        2 hours before != 2 hours after
        5 even != 5 odd
        1 north != north
        5 north, 3 east != 5 east, 3 north
        3 boys and 5 girls != 5 boys and 3 girls
        3\text{ boys}, 5\text{ girls} != 5\text{ boys}, 3\text{ girls}
        2 hours 30 minutes != 230
        2 hours and 30 minutes != 2, 30
        5th != 5
        # unions
        (0,1)\cup(1,2) != (0,2)
        (0,1)\cup(2,3)\cup(1,2) != (0,3)
        (0,1)\cup\{5\} != (0,1)\cup\{6\}
        # inequalities, set builders, turned brackets
        |x|<2 != [-2,2]
        \{x : 0<x<1\} != [0,1]
        ]0,1[ != [0,1]
        # numbers times matrices
        2\begin{pmatrix}1\\2\end{pmatrix} != \begin{pmatrix}1\\2\end{pmatrix}
        # letters in bases
        1a_{16} != 1b_{16}
        # functions with exact values
        \lfloor x \rfloor != \lceil x \rceil
        \arctan 2 != \arctan 3
        \arctan 1 != 45
        (-1)^n != 1
        (-1)^n != -1
        \sqrt{3+2\sqrt2} != 1-\sqrt2
        # units, currencies, numbers in words
        three fifths != 3
        1 to 2 != 2 to 1
        # choices with their text
        (C) 5 != 5
        (C) 5 != D
        (A)(B) != A
        a) 5 b) 6 != A
        A) 5 B) 6 != A
        DNE != 0
        # further
        2e + 3 != 2000
        (1,(2,3)) != (1,2,3)
        ((1,2),3) != (1,(2,3))
        (\{1,2\},3) != (\{1,3\},2)
        [1,2] != (1,2)
        \{1\},\{2\} != 1,2
        \{\{a\}, b\} != \{a, \{b\}\}
        \{0\} != \emptyset
        \{1, \{1\}\} != \{1\}
        \left\{ \left\{ 1 \right\} \right\} != \left\{1\right\}
        a=1, b=2 != a=2, b=1
        x=1 or y=2 != x=2 or y=1
        x_1 = 2, x_2 = 3 != 2, 3
        1/3 != 0.3333
        1.41421356... != \sqrt{2}
        1.41421356... != 1.41421356
        7!! != 7!
        n!! != n!
        (2n)! != 2n!
        -3!! != 3
        5.. != 6
        \text{II} != \text{III}
        III != II
        IV != VI
        XY != YX
        SAS != ASA
        \text{TF} != \text{FT}
        \text{increase} != \text{decrease}
        10\% increase != 10
        a 10\% increase != 10
        increase of 10\% != decrease of 10\%
        3 steps left != 3 steps right
        \$5 gain != \$5 loss
        -5 != 5 loss
        5 pounds heavier != 5 pounds lighter
        2 years older != 2 years younger
        20^\circ C below != 20^\circ C above
        20^\circ\text{ below zero} != 20
        10 minutes late != 10 minutes early
        10:30 am != 10:30 pm
        12:00 noon != 12:00 midnight
        noon != midnight
        March 5 != April 5
        5th of March != 5th of April
        June 5 != 5
        Monday, March 5 != Tuesday, March 5
        44 BC != 44 AD
        300 BCE != 300 CE
        30 N != 30 S
        30^\circ N != 30^\circ S
        30^\circ \text{ north of east} != 30^\circ \text{ east of north}
        N 30^\circ E != N 30^\circ W
        5 more than 3 != 8
        3 boys, 2 girls != 2 boys, 3 girls
        3 red and 5 blue != 5 red and 3 blue
        twenty one != 20
        twenty, one != 21
        none != 0
        first != 1
        second != 2
        half past 3 != 0.5
        \$0.50 != 50 cents
        6 feet 2 inches != 62
        6\text{ ft }2\text{ in} != 62
        3 to 1 != 1 to 3
        from 1 to 2 != 1:2
        (-1,1)\cup(1,3) != (-1,3)
        [1,2)\cup(2,3] != [1,3]
        (1,2)\cup(3,4) != (1,4)
        |x|<3 != |x|>3
        |x|=2 != 2
        \{x : x^2 = 4\} != 4
        \{x \in \mathbb{Z} : 0 < x < 3\} != (0,3)
        \{(x,y) : x>0\} != (0,\infty)
        \{x : 0<x<1\} != \{0,1\}
        ]1,2[ != [1,2]
        \cos 15^\circ != \sin 15^\circ
        \arcsin 2 != \arcsin 3
        \arctan\frac13 != \frac13
        |2-\sqrt5| != 2-\sqrt5
        |z| != z
        \lfloor \pi \rfloor != 3.2
        \lceil 2.1 \rceil != 2
        e^{i} != e
        e^{i\theta} != e^{\theta}
        (-1)^n != (-1)^m
        (-3)^{n} != 3^{n}
        \sqrt{2+\sqrt2} != 2+\sqrt2
        \sqrt{1+\sqrt2} != 1+\sqrt2
        \frac{dy}{dx} != \frac{dx}{dy}
        \frac{d^2y}{dx^2} != \frac{y}{x^2}
        \frac{\partial f}{\partial x} != \frac{f}{x}
        y' != y
        \begin{vmatrix} 1 & 2 \\ 3 & 4 \end{vmatrix} != \begin{vmatrix} 1 & 3 \\ 2 & 5 \end{vmatrix}
        AB_{16} != BA_{16}
        1010_2 != 1010
        30 m/s != 30 m
        C. 5 != B. 5
        A: 5, B: 6 != A
        (A) and (B) != A
        A and B != A
        B \text{ only} != B
        (C)x != C
        E = mc^2 != E
        DNE != undefined
        undefined != 0
        1/2/2024 != 2/4/2024
        2024-11-24 != 1989
        10-15 minutes != 15-20 minutes
        f(2)=5 != 5/2
        2\text{nd} != 2
        \{\{1,2\},\{2,1\}\} != \{1,2\}
        A AB != AB^2
        A \cdot B \cdot C != ABC
        2 A B + AB != 3AB
        AB^2 != A B^2
        (y, x) = (1, 2) \text{ or } (3, 4) != (1,2),(3,4)
        \{(x,y)\} != \{(y,x)\}
        A = (1,2), B = (3,4) != A = (3,4), B = (1,2)
        A(1,2), B(3,4) != A(3,4), B(1,2)
        A = \{1\}, B = \{2\} != A=\{2\}, B=\{1\}
        f(x)=1, g(x)=2 != f(x)=2, g(x)=1
        f(1)=2, f(2)=3 != f(1)=3, f(2)=2
        P(A)=0.3, P(B)=0.4 != P(A)=0.4, P(B)=0.3
        a_1 = 2, a_2 = 5 != a_1=5, a_2=2
        x = 3y, y = 2 != y = 3x, x = 2
        \text{Alice: } 5, \text{Bob: } 3 != \text{Alice: } 3, \text{Bob: } 5
        \text{mean} = 5, \text{median} = 4 != \text{median}=5, \text{mean}=4
        Alice has 5 and Bob has 3 != Alice has 3 and Bob has 5
        5 \text{ for } x \text{ and } 3 \text{ for } y != 3 \text{ for } x \text{ and } 5 \text{ for } y
        x > 1, y > 2 != x > 2, y > 1
        5 m north, 3 m east != 3 m north, 5 m east
        2 quarters != 2
        2 dimes and 3 nickels != 3 dimes and 2 nickels
        \frac{2}{3} increase != \frac{2}{3} decrease
        decrease by 5 != increase by 5
        increases != decreases
        up 5 != down 5
        negative 5 != 5
        negative five != five
        minus 5 != 5
        5\text{ (rounded)} != 6
        x \approx 5 != 6
        i^i != i
        \sin 30 != \sin 30^\circ
        \tan 90^\circ != 0
        \sin^2 x + \cos^2 x != 2
        x^2+y^2=25 != x^2+y^2=5
        x \le -1 \cup x \ge 3 != x \le -1
        x \ne 1 \text{ and } x \ne 2 != x \ne 1
        \mathbb{Z} != \mathbb{R}
        \mathbb{Q} != \mathbb{Z}
        \text{Yes} != \text{No}
        \text{true} != \text{false}
        x=1 or y=2 != x=1, y=2
        x=1 or y=2 != (1,2)
        x<0 or y>1 != x<0 or x>1
        x<0 or y>1 != x<0 and y>1
        |x|<1 or |y|<2 != |x|<2 or |y|<1
    """#
