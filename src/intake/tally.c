/* What became of rows and records, counted in memory. */
#include "src/intake/tally.h"

enum { VALUE_BYTES_MAX = 200, FIRST_CAP = 64 };

struct str tally_entity(const struct mapping_record *rule)
{
    switch (rule->make) {
    case MAKE_PARTNER:
        return STR("partner");
    case MAKE_CONTACT:
        return STR("contact");
    case MAKE_PRODUCT:
        return STR("product");
    case MAKE_FACT:
        break;
    }
    return str_from_c(fact_kind_name(rule->kind));
}

static size_t slot_of(const struct mapping_record *rule)
{
    return rule->make == MAKE_FACT ? TALLY_FACTS + (size_t)rule->kind : (size_t)rule->make;
}

void tally_init(struct tally *tally, struct arena *arena, size_t bad_max)
{
    *tally = (struct tally){.arena = arena, .bad_max = bad_max};
}

static void count(enum outcome outcome, struct import_count *count)
{
    switch (outcome) {
    case OUTCOME_NONE:
        break;
    case OUTCOME_UNCHANGED:
        count->unchanged++;
        break;
    case OUTCOME_UNASSIGNED:
        count->unassigned++;
        break;
    case OUTCOME_UPDATED:
        count->updated++;
        break;
    case OUTCOME_CREATED:
        count->created++;
        break;
    case OUTCOME_REFUSED:
        count->refused++;
        break;
    }
}

void tally_record(struct tally *tally, const struct mapping_record *rule, enum outcome outcome)
{
    struct import_count *counts = &tally->counts[slot_of(rule)];
    if (outcome == OUTCOME_NONE)
        return;
    counts->entity = tally_entity(rule);
    count(outcome, counts);
    if (outcome == OUTCOME_CREATED || outcome == OUTCOME_UPDATED)
        tally->changes++;
}

static void add_skip(struct tally *tally, struct str reason)
{
    size_t i = 0;
    while (i < tally->skip_count && !str_equal(tally->skips[i].reason, reason))
        i++;
    if (i == TALLY_SKIPS)
        i--;
    else if (i == tally->skip_count)
        tally->skips[tally->skip_count++] =
            (struct import_skip){arena_str(tally->arena, reason), 0};
    tally->skips[i].rows++;
}

void tally_row(struct tally *tally, enum outcome outcome, struct str reason)
{
    struct import_count sum = {.created = 0};
    count(outcome, &sum);
    tally->rows.created += sum.created;
    tally->rows.updated += sum.updated;
    tally->rows.unchanged += sum.unchanged;
    tally->rows.unassigned += sum.unassigned;
    tally->rows.refused += sum.refused;
    if (outcome != OUTCOME_NONE)
        return;
    tally->rows.skipped++;
    add_skip(tally, reason.len ? reason : STR("nothing in it to take"));
}

/* Cut between characters. */
struct str tally_shown(struct str text)
{
    size_t len = text.len;
    if (len > VALUE_BYTES_MAX) {
        len = VALUE_BYTES_MAX;
        while (len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
            len--;
    }
    return str_slice(text, 0, len);
}

void tally_bad(struct tally *tally, const struct import_bad_row *bad)
{
    tally->bad_count++;
    if (tally->bad_kept == tally->bad_max)
        return;
    if (tally->bad_kept == tally->bad_cap) {
        size_t cap = tally->bad_cap ? tally->bad_cap * 2 : FIRST_CAP;
        struct import_bad_row *rows = ARENA_ARRAY(tally->arena, struct import_bad_row, cap);
        if (tally->bad_kept)
            memcpy(rows, tally->bad, tally->bad_kept * sizeof(*rows));
        tally->bad = rows;
        tally->bad_cap = cap;
    }
    struct import_bad_row *row = &tally->bad[tally->bad_kept++];
    *row = *bad;
    row->column = arena_str(tally->arena, tally_shown(bad->column));
    row->value = arena_str(tally->arena, tally_shown(bad->value));
    row->reason = arena_str(tally->arena, bad->reason);
}

void tally_add_rows(struct import_rows *sum, const struct import_rows *add)
{
    sum->created += add->created;
    sum->updated += add->updated;
    sum->unchanged += add->unchanged;
    sum->skipped += add->skipped;
    sum->unassigned += add->unassigned;
    sum->refused += add->refused;
}
