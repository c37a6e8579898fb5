/* SPDX-License-Identifier: Apache-2.0
 *
 * How the scores of steps become one score.
 */
#include "functions.h"

/* A step that was never scored is NaN and does not count; if no step was scored, the
 * value is 0. A verifier's rounding never leads out of [0, 1]. */
static double clamped(double value) { return value > 1 ? 1 : value > 0 ? value : 0; }
static int is_score(double value) { return value == value; }

double aggregate_last(const double *values, uint64_t count) {
    while (count > 0 && !is_score(values[count - 1])) count--;
    return count > 0 ? clamped(values[count - 1]) : 0;
}

double aggregate_min(const double *values, uint64_t count) {
    double lowest = 1;
    uint64_t i, scored = 0;
    for (i = 0; i < count; i++) {
        if (!is_score(values[i])) continue;
        scored++;
        if (values[i] < lowest) lowest = values[i];
    }
    return scored ? clamped(lowest) : 0;
}

double aggregate_product(const double *values, uint64_t count) {
    double product = 1;
    uint64_t i, scored = 0;
    for (i = 0; i < count; i++) {
        if (!is_score(values[i])) continue;
        scored++;
        product *= clamped(values[i]);
    }
    return scored ? product : 0;
}

double aggregate_mean(const double *values, uint64_t count) {
    double sum = 0;
    uint64_t i, scored = 0;
    for (i = 0; i < count; i++) {
        if (!is_score(values[i])) continue;
        scored++;
        sum += clamped(values[i]);
    }
    return scored ? clamped(sum / (double)scored) : 0;
}
