/* Nearness is the number of letters changed, added, left out, or swapped with their neighbour. */
#include "lib/cli/suggest.h"

#include <stdint.h>
#include <string.h>

enum { WORD_MAX = 48 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* distance[i][j]: from the first i letters of one to the first j of the other. */
typedef size_t distances[WORD_MAX + 1][WORD_MAX + 1];

static size_t distance_at(distances known, struct str a, struct str b, size_t i, size_t j)
{
    if (i == 0 || j == 0)
        return i + j;
    bool same = a.ptr[i - 1] == b.ptr[j - 1];
    size_t distance =
        least(least(known[i - 1][j], known[i][j - 1]) + 1, known[i - 1][j - 1] + !same);
    if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
        distance = least(distance, known[i - 2][j - 2] + 1);
    return distance;
}

/* Both are at most WORD_MAX long. */
static size_t distance_of(struct str a, struct str b)
{
    distances known;
    for (size_t i = 0; i <= a.len; i++)
        for (size_t j = 0; j <= b.len; j++)
            known[i][j] = distance_at(known, a, b, i, j);
    return known[a.len][b.len];
}

struct suggestion suggest_begin(struct str given)
{
    /* A third of the letters may be wrong, and two of a short word. */
    size_t most = given.len / 3 > 2 ? given.len / 3 : 2;
    return (struct suggestion){given, {NULL, 0}, most + 1};
}

void suggest_offer(struct suggestion *suggestion, const char *candidate)
{
    struct str text = str_from_c(candidate);
    if (suggestion->given.len > WORD_MAX || text.len > WORD_MAX)
        return;
    size_t distance = distance_of(suggestion->given, text);
    if (distance >= suggestion->distance || distance >= text.len)
        return;
    suggestion->distance = distance;
    suggestion->best = text;
}
