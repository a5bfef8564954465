/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Both hash tables. musl, and the parser of Linux 6.1's own tests, know DT_HASH only; Go and glibc
 * prefer DT_GNU_HASH. Either must find every symbol, and every walk must end: a looped chain
 * hangs each program at its start.
 */
#include "internal.h"

struct sysv {
	uint64_t buckets, chains; /* offsets in the segment */
	uint32_t nbucket, nchain;
};

struct gnu {
	uint64_t bloom, buckets, chains; /* offsets in the segment */
	uint32_t nbucket, first, words, shift;
};

static uint32_t word(const struct check *check, uint64_t table, uint64_t index)
{
	uint32_t value = 0;

	view_read(&check->segment, table + index * 4, &value, 4);
	return value;
}

static uint64_t at(const struct check *check, enum pointer_id table)
{
	return file_offset(check, check->pointers[table].offset);
}

/* System V ABI, "Hash table": nbucket, nchain, buckets, chains; 32-bit words on x86-64. */
static bool sysv_read(const struct check *check, struct sysv *ret)
{
	const struct pointer *table = &check->pointers[POINTER_HASH];

	ret->nbucket = word(check, table->offset, 0);
	ret->nchain = word(check, table->offset, 1);
	ret->buckets = table->offset + 8;
	ret->chains = ret->buckets + (uint64_t)ret->nbucket * 4;
	return view_has(&check->segment, table->offset,
	                8 + ((uint64_t)ret->nbucket + ret->nchain) * 4);
}

/* Number of steps from the bucket to the chain's end; more than nchain: it loops or leaves. */
static uint32_t sysv_length(const struct check *check, const struct sysv *sysv, uint32_t bucket)
{
	uint32_t index = word(check, sysv->buckets, bucket), steps = 0;

	while (index != STN_UNDEF && steps <= sysv->nchain) {
		if (index >= sysv->nchain)
			return sysv->nchain + 1;
		index = word(check, sysv->chains, index);
		steps++;
	}
	return steps;
}

/*
 * Chains that do not meet need no more steps in all than there are symbols, so a hostile table
 * with a bucket for each of a million looped chains is left after the first broken one.
 */
static bool sysv_chains(struct check *check, const struct rule *rule, const struct sysv *sysv)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < sysv->nbucket; i++) {
		const uint32_t length = sysv_length(check, sysv, i);

		total += length;
		if (length <= sysv->nchain && total <= sysv->nchain)
			continue;
		find(check, rule, file_offset(check, sysv->buckets + (uint64_t)i * 4),
		     text("at most %u steps", sysv->nchain).s, "a loop, or an index outside",
		     "the chain of bucket %u does not end", i);
		return false;
	}
	return true;
}

static void sysv(struct check *check, const struct rule *rule)
{
	const struct pointer *table = &check->pointers[POINTER_HASH];
	struct sysv sysv;

	if (!table->there) {
		find(check, rule, file_offset(check, check->dyn_offset), "DT_HASH", "none",
		     "musl finds no function without it");
		return;
	}
	if (!table->inside)
		return; /* rule dyn.pointer */
	if (!sysv_read(check, &sysv) || sysv.nbucket == 0) {
		find(check, rule, at(check, POINTER_HASH), "buckets and chains inside the image",
		     text("%u buckets, %u chains", sysv.nbucket, sysv.nchain).s,
		     "DT_HASH is cut off or empty");
		return;
	}
	if (sysv.nchain != check->symbol_count) {
		find(check, rule, at(check, POINTER_HASH) + 4, num(check->symbol_count).s,
		     num(sysv.nchain).s, "musl takes the number of symbols from here");
		return;
	}
	check->sysv_whole = sysv_chains(check, rule, &sysv);
}

/* The format is GNU ld's: nbuckets, symoffset, bloom words, bloom shift. */
static bool gnu_read(const struct check *check, struct gnu *ret)
{
	const struct pointer *table = &check->pointers[POINTER_GNU_HASH];
	uint64_t size;

	ret->nbucket = word(check, table->offset, 0);
	ret->first = word(check, table->offset, 1);
	ret->words = word(check, table->offset, 2);
	ret->shift = word(check, table->offset, 3);
	ret->bloom = table->offset + 16;
	ret->buckets = ret->bloom + (uint64_t)ret->words * 8;
	ret->chains = ret->buckets + (uint64_t)ret->nbucket * 4;
	size = 16 + (uint64_t)ret->words * 8 + (uint64_t)ret->nbucket * 4;
	if (check->symbol_count > ret->first)
		size += (uint64_t)(check->symbol_count - ret->first) * 4;
	return view_has(&check->segment, table->offset, size);
}

/* Each bucket is 0 or the index of a hashed symbol, and the last hashed one ends a chain. */
static bool gnu_chains(struct check *check, const struct rule *rule, const struct gnu *gnu)
{
	uint64_t last;

	for (uint32_t i = 0; i < gnu->nbucket; i++) {
		const uint32_t index = word(check, gnu->buckets, i);

		if (index == 0 || (index >= gnu->first && index < check->symbol_count))
			continue;
		find(check, rule, file_offset(check, gnu->buckets + (uint64_t)i * 4),
		     text("0, or %u to %u", gnu->first, check->symbol_count - 1).s, num(index).s,
		     "bucket %u leads to no symbol", i);
		return false;
	}
	if (check->symbol_count == gnu->first)
		return true;
	last = check->symbol_count - gnu->first - 1;
	if (!(word(check, gnu->chains, last) & 1)) {
		find(check, rule, file_offset(check, gnu->chains + last * 4), "an odd word",
		     "an even one", "the last chain does not end");
		return false;
	}
	return true;
}

static void gnu(struct check *check, const struct rule *rule)
{
	const struct pointer *table = &check->pointers[POINTER_GNU_HASH];
	struct gnu gnu;

	if (!table->there) {
		find(check, rule, file_offset(check, check->dyn_offset), "DT_GNU_HASH", "none",
		     "loaders that know this table only find no function");
		return;
	}
	if (!table->inside)
		return; /* rule dyn.pointer */
	if (!gnu_read(check, &gnu) || gnu.nbucket == 0 || gnu.first == 0 ||
	    gnu.first > check->symbol_count) {
		find(check, rule, at(check, POINTER_GNU_HASH),
		     text("a table of symbols up to %u inside the image", check->symbol_count).s,
		     text("%u buckets, first symbol %u", gnu.nbucket, gnu.first).s,
		     "DT_GNU_HASH is cut off or empty");
		return;
	}
	/* glibc masks with words - 1, and shifts a 32-bit hash. */
	if (gnu.words == 0 || (gnu.words & (gnu.words - 1)) || gnu.shift > 31) {
		find(check, rule, at(check, POINTER_GNU_HASH) + 8,
		     "a power of two of words, shift below 32",
		     text("%u words, shift %u", gnu.words, gnu.shift).s,
		     "the bloom filter has no usable size");
		return;
	}
	check->gnu_whole = gnu_chains(check, rule, &gnu);
}

static bool sysv_finds(const struct check *check, const struct sysv *sysv, uint32_t symbol,
                       uint32_t hash)
{
	uint32_t index;

	if (!sysv->nbucket)
		return false;
	index = word(check, sysv->buckets, hash % sysv->nbucket);
	while (index != STN_UNDEF && index != symbol)
		index = word(check, sysv->chains, index);
	return index == symbol;
}

static bool gnu_finds(const struct check *check, const struct gnu *gnu, uint32_t symbol,
                      uint32_t hash)
{
	uint32_t index, chain;
	uint64_t bloom;

	if (!gnu->nbucket)
		return false;
	index = word(check, gnu->buckets, hash % gnu->nbucket);
	view_read(&check->segment, gnu->bloom + (uint64_t)((hash / 64) & (gnu->words - 1)) * 8,
	          &bloom, 8);
	if (!((bloom >> (hash % 64)) & (bloom >> ((hash >> gnu->shift) % 64)) & 1))
		return false;
	if (index == 0)
		return false;
	for (;; index++) {
		chain = word(check, gnu->chains, index - gnu->first);
		if (index == symbol)
			return (chain | 1) == (hash | 1);
		if (chain & 1)
			return false;
	}
}

static void agree(struct check *check, const struct rule *rule)
{
	struct sysv sysv;
	struct gnu gnu;

	if (!check->sysv_whole || !check->gnu_whole || !sysv_read(check, &sysv) ||
	    !gnu_read(check, &gnu))
		return; /* rules hash.sysv and hash.gnu */
	for (uint32_t i = 1; i < check->symbol_count; i++) {
		const struct symbol *symbol = &check->symbols[i];

		if (!symbol_exported(check, symbol))
			continue;
		if (!sysv_finds(check, &sysv, i, hash_sysv(symbol->name)))
			find(check, rule, symbol->offset, "found by DT_HASH", "not found",
			     "symbol %s", quoted(symbol->name).s);
		if (!gnu_finds(check, &gnu, i, hash_gnu(symbol->name)))
			find(check, rule, symbol->offset, "found by DT_GNU_HASH", "not found",
			     "symbol %s", quoted(symbol->name).s);
	}
}

const struct rule rules_hash[] = {
	{ { "hash.sysv", "DT_HASH is there, whole, and its chains end",
	    "musl reads nothing else", ERROR, ERROR }, PART_SYMBOLS, sysv },
	{ { "hash.gnu", "DT_GNU_HASH is there, whole, and its chains end",
	    "Go and glibc prefer it", ERROR, ERROR }, PART_SYMBOLS, gnu },
	{ { "hash.agree", "Both hash tables find every exported symbol",
	    "each consumer reads one of them only", ERROR, ERROR }, PART_SYMBOLS, agree },
	{ { NULL } },
};
