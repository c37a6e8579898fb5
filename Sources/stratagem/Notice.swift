/// The page NOTICE, for a program that is installed without it. Made from it by notice.py.
enum Notice {
    static let text = #"""
        Stratagem
        Copyright 2026 The Stratagem authors
        Licensed under the Apache License, Version 2.0 (the file LICENSE).

        The program is built with the software below. Each is used under its own
        licence; the texts are at the end, but for the Apache License, which is the
        file LICENSE. `stratagem --licenses` prints this page.

        Under the MIT License (text 1)

          llama.cpp and ggml               Copyright (c) 2023-2026 The ggml authors
            JSON for Modern C++, in it     Copyright (c) 2013-2025 Niels Lohmann
            llamafile's sgemm, in ggml     Copyright 2024 Mozilla Foundation
          GRDB.swift                       Copyright (C) 2015-2025 Gwendal Roué
          TOMLKit                          Copyright (c) 2024 Jeff Lebrun
            toml++, in TOMLKit             Copyright (c) Mark Gillard
          SwiftCSV                         Copyright (c) 2014 Naoto Kaneko, 2019 SwiftCSV Contributors
          libffi (the system's)            Copyright (c) 1996-2024 Anthony Green, Red Hat, Inc and others
          llhttp, in swift-nio             Copyright Fedor Indutny, 2018

        Under the Apache License 2.0

          async-http-client                Copyright 2018-2026 The AsyncHTTPClient project authors
          hummingbird                      Copyright 2021-2026 The Hummingbird authors
          swift-algorithms                 Copyright 2020-2026 Apple Inc. and the Swift project authors
          swift-argument-parser            Copyright 2020-2026 Apple Inc. and the Swift project authors
          swift-asn1                       Copyright 2022-2026 The SwiftASN1 project authors
          swift-async-algorithms           Copyright 2022-2026 Apple Inc. and the Swift project authors
          swift-atomics                    Copyright 2020-2026 Apple Inc. and the Swift project authors
          swift-certificates               Copyright 2022-2026 The SwiftCertificates project authors
          swift-collections                Copyright 2021-2026 Apple Inc. and the Swift project authors
          swift-configuration              Copyright 2025-2026 The SwiftConfiguration project authors
          swift-crypto                     Copyright 2019-2026 The SwiftCrypto project authors
          swift-distributed-tracing        Copyright 2020-2026 The Swift Distributed Tracing project authors
          swift-http-structured-headers    Copyright 2020-2026 Apple Inc. and the SwiftNIO project authors
          swift-http-types                 Copyright 2023-2026 Apple Inc. and the SwiftHTTPTypes authors
          swift-log                        Copyright 2018-2026 The SwiftLog project authors
          swift-metrics                    Copyright 2018-2026 The SwiftMetrics project authors
          swift-nio                        Copyright 2017-2026 The SwiftNIO project authors
          swift-nio-extras                 Copyright 2017-2026 The SwiftNIO project authors
          swift-nio-http2                  Copyright 2017-2026 The SwiftNIO project authors
          swift-nio-ssl                    Copyright 2017-2026 The SwiftNIO project authors
          swift-nio-transport-services     Copyright 2017-2026 The SwiftNIO project authors
          swift-numerics                   Copyright 2019-2026 Apple Inc. and the Swift Numerics project authors
          swift-service-context            Copyright 2022-2026 The Swift Service Context project authors
          swift-service-lifecycle          Copyright 2019-2026 The SwiftServiceLifecycle project authors
          swift-system                     Copyright 2020-2026 Apple Inc. and the Swift System project authors
          BoringSSL, in swift-nio-ssl      Copyright The OpenSSL Project Authors, The BoringSSL Authors and others
            and swift-crypto
          Swift's runtime, standard        Copyright 2014-2026 Apple Inc. and the Swift project authors;
            library and Foundation         with the Runtime Library Exception

          SwiftNIO is influenced by Netty (https://netty.io, Apache License 2.0).

        Under the three-clause BSD License (text 2)

          SHA-1, in swift-nio              Copyright (C) 1995, 1996, 1997, and 1998 WIDE Project

        Under the Unicode License (https://www.unicode.org/license.txt)

          ICU, in Swift's Foundation       Copyright 2016-2026 Unicode, Inc.

        In the public domain

          SQLite (the system's)


        Text 1: the MIT License

          Permission is hereby granted, free of charge, to any person obtaining a copy
          of this software and associated documentation files (the "Software"), to deal
          in the Software without restriction, including without limitation the rights
          to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
          copies of the Software, and to permit persons to whom the Software is
          furnished to do so, subject to the following conditions:

          The above copyright notice and this permission notice shall be included in all
          copies or substantial portions of the Software.

          THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
          IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
          FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
          AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
          LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
          OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
          SOFTWARE.

        Text 2: the three-clause BSD License

          Redistribution and use in source and binary forms, with or without
          modification, are permitted provided that the following conditions are met:
          1. Redistributions of source code must retain the above copyright notice,
             this list of conditions and the following disclaimer.
          2. Redistributions in binary form must reproduce the above copyright notice,
             this list of conditions and the following disclaimer in the documentation
             and/or other materials provided with the distribution.
          3. Neither the name of the project nor the names of its contributors may be
             used to endorse or promote products derived from this software without
             specific prior written permission.

          THIS SOFTWARE IS PROVIDED BY THE PROJECT AND CONTRIBUTORS "AS IS" AND ANY
          EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
          WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
          DISCLAIMED. IN NO EVENT SHALL THE PROJECT OR CONTRIBUTORS BE LIABLE FOR ANY
          DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES
          (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES;
          LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND
          ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT
          (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
          SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

        """#
}
