/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The digest that purgatory verifies with: XXH3, 64 bits, seed 0. digest.c is compiled once for
 * each of these, and all give the same value; they differ in the registers that they may use. The
 * one without SIMD is what an architecture without any runs: it is tested and measured, and in no
 * blob.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint64_t purgatory_digest_avx2(const void *bytes, size_t size);
uint64_t purgatory_digest_sse2(const void *bytes, size_t size);
uint64_t purgatory_digest_scalar(const void *bytes, size_t size);
