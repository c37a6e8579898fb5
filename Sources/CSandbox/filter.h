/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STRATAGEM_FILTER_H
#define STRATAGEM_FILTER_H

#include <stdint.h>

/* Installs the filter of system calls for every thread. 1 if it is in force. */
int32_t stg_filter_install(void);

#endif
