/* The requests that the benches send. */
#include "tests/bench/requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/time.h"

enum { FACT_BYTES_MAX = 400, HEAD_BYTES_MAX = 400, PATH_BYTES = 512 };

/* ---- facts ---- */

static size_t write_fact(const struct fact_posts *posts, int64_t number, char *text)
{
    struct row row;
    struct buf at;
    char partner[ID_TEXT_MAX], time_text[TIME_TEXT_MAX];
    struct arena arena;
    row_make(number, posts->ids, &row);
    arena_init(&arena, PATH_BYTES);
    buf_init(&at, &arena, TIME_TEXT_MAX);
    time_render(row.at_ms, &at);
    snprintf(time_text, sizeof(time_text), "%.*s", STR_ARG(buf_str(&at)));
    arena_finish(&arena);
    id_format("ptn", posts->product->partners[row.partner].v, partner);
    int len = snprintf(text, FACT_BYTES_MAX,
                       "{\"partner\":\"%s\",\"kind\":\"%s\",\"at\":\"%s\",\"quantity\":%lld,"
                       "\"amount\":\"%lld.%02lld\",\"currency\":\"EUR\",\"source\":\"shop\","
                       "\"external_id\":\"%s\",\"ref\":\"%s\"}\n",
                       partner, row_kind_names[row.kind], time_text, (long long)row.quantity,
                       (long long)row.amount_minor / 100, (long long)row.amount_minor % 100,
                       row.external_id, row.ref);
    return (size_t)len;
}

static bool next_facts(void *self, int connection, struct str *ret_request)
{
    struct fact_posts *posts = self;
    int64_t count = posts->end - posts->next;
    if (count <= 0)
        return false;
    if (count > posts->per_request)
        count = posts->per_request;
    char *body = posts->buffers[connection].text + HEAD_BYTES_MAX;
    size_t len = 0;
    for (int64_t i = 0; i < count; i++)
        len += write_fact(posts, posts->next++, body + len);
    char head[HEAD_BYTES_MAX];
    int head_len =
        snprintf(head, sizeof(head),
                 "POST /api/v1/facts HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                 "Authorization: Bearer %s\r\nContent-Type: application/%s\r\n"
                 "Content-Length: %zu\r\n\r\n",
                 posts->product->token, posts->per_request == 1 ? "json" : "x-ndjson", len);
    memcpy(body - head_len, head, (size_t)head_len);
    *ret_request = (struct str){body - head_len, len + (size_t)head_len};
    return true;
}

/* Every row of the answer says what became of it. */
static void count_recorded(void *self, int connection, int status, struct str body)
{
    struct fact_posts *posts = self;
    size_t at;
    (void)connection;
    if (status / 100 != 2)
        bench_fail("the server answered %d: %.*s", status, STR_ARG(str_slice(body, 0, 500)));
    while (str_find(body, STR("\"recorded\""), &at)) {
        posts->recorded++;
        body = str_slice(body, at + 10, body.len);
    }
}

struct load_result fact_posts_run(struct fact_posts *posts, int port, int connections)
{
    struct load load = {port, connections, next_facts, count_recorded, posts};
    struct load_result result;
    int64_t wanted = posts->end - posts->next;
    posts->recorded = 0;
    for (int i = 0; i < connections; i++) {
        posts->buffers[i].text =
            malloc(HEAD_BYTES_MAX + (size_t)posts->per_request * FACT_BYTES_MAX);
        if (!posts->buffers[i].text)
            abort();
    }
    load_run(&load, &result);
    for (int i = 0; i < connections; i++)
        free(posts->buffers[i].text);
    if (posts->recorded != wanted)
        bench_fail("%lld of %lld facts were recorded", (long long)posts->recorded,
                   (long long)wanted);
    return result;
}

/* ---- reads ---- */

static bool next_get(void *self, int connection, struct str *ret_request)
{
    struct reads *reads = self;
    char path[PATH_BYTES];
    char *text = reads->texts[connection];
    if (reads->next == reads->count)
        return false;
    reads->path(reads->self, reads->next++, path, sizeof(path));
    int len =
        snprintf(text, sizeof(reads->texts[0]), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s%s%s\r\n",
                 path, reads->token ? "Authorization: Bearer " : "",
                 reads->token ? reads->token : "", reads->token ? "\r\n" : "");
    *ret_request = (struct str){text, (size_t)len};
    return true;
}

struct load_result reads_run(struct reads *reads, int port, int connections)
{
    struct load load = {port, connections, next_get, NULL, reads};
    struct load_result result;
    reads->next = 0;
    load_run(&load, &result);
    if (result.refused)
        bench_fail("%lld of %lld reads were refused, the first with %s", (long long)result.refused,
                   (long long)result.requests, result.first_refusal);
    return result;
}
