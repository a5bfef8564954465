/* SPDX-License-Identifier: MIT */
#ifndef HELPER_H
#define HELPER_H

double difference(double a, double b);

#endif
