/* The web page out of the program itself. */
#include "src/app/page.h"

#include "lib/base/arena.h"
#include "lib/http/http.h"

#define PAGE_FILE(number_, path_, type_, hash_, immutable_)                   \
    extern const char page_##number_##_plain[], page_##number_##_plain_end[]; \
    extern const char page_##number_##_gzip[], page_##number_##_gzip_end[];   \
    extern const char page_##number_##_brotli[], page_##number_##_brotli_end[];
#include "src/app/page_files.inc"
#undef PAGE_FILE

/* Begin and end of some bytes; addresses are constants, their distance is not. */
struct span {
    const char *begin, *end;
};

struct embedded {
    struct str path, content_type, hash;
    bool is_immutable;
    struct span plain, gzip, brotli;
};

static const struct embedded embedded[] = {
#define PAGE_FILE(number_, path_, type_, hash_, immutable_) \
    {STR_INIT(path_),                                       \
     STR_INIT(type_),                                       \
     STR_INIT(hash_),                                       \
     immutable_,                                            \
     {page_##number_##_plain, page_##number_##_plain_end},  \
     {page_##number_##_gzip, page_##number_##_gzip_end},    \
     {page_##number_##_brotli, page_##number_##_brotli_end}},
#include "src/app/page_files.inc"
#undef PAGE_FILE
};

/* Where the page's own code, styles and answers may come from (W3C Content Security Policy 3). */
static const char policy[] =
#include "src/app/page_policy.inc"
    ;

/* ---- which file ---- */

static struct str bytes_of(struct span span)
{
    return (struct str){span.begin, (size_t)(span.end - span.begin)};
}

static bool find_file(struct str path, struct page_file *ret_file)
{
    for (size_t i = 0; i < ARRAY_LEN(embedded); i++) {
        const struct embedded *each = &embedded[i];
        if (!str_equal(each->path, path))
            continue;
        *ret_file = (struct page_file){
            .path = each->path,
            .content_type = each->content_type,
            .hash = each->hash,
            .is_immutable = each->is_immutable,
            .plain = bytes_of(each->plain),
            .gzip = bytes_of(each->gzip),
            .brotli = bytes_of(each->brotli),
        };
        return true;
    }
    return false;
}

/* Screens have addresses without an ending; what has one is a file, there or not. */
static bool is_screen(struct str path)
{
    struct str segment = {NULL, 0}, rest = path;
    size_t dot;
    if (str_equal(path, STR("/api")) || str_starts_with(path, STR("/api/")) ||
        str_starts_with(path, STR("/_app/")))
        return false;
    while (str_split(&rest, '/', &segment))
        continue;
    return !str_find_char(segment, '.', &dot);
}

bool page_find(struct str path, struct page_file *ret_file)
{
    return find_file(path, ret_file) ||
           (is_screen(path) && find_file(STR("/index.html"), ret_file));
}

/* ---- in which coding ---- */

enum page_coding page_choose(const struct page_file *file, struct str accept_encoding)
{
    enum page_coding coding = PAGE_PLAIN;
    int best = http_coding_weight(accept_encoding, STR("identity"));
    int gzip = file->gzip.len ? http_coding_weight(accept_encoding, STR("gzip")) : 0;
    int brotli = file->brotli.len ? http_coding_weight(accept_encoding, STR("br")) : 0;
    if (gzip && gzip >= best) {
        coding = PAGE_GZIP;
        best = gzip;
    }
    return brotli && brotli >= best ? PAGE_BROTLI : coding;
}

/* ---- the answer ---- */

static bool has_already(const struct http_exchange *exchange, struct str tag)
{
    struct str rest = http_header(exchange, "If-None-Match"), each;
    while (str_split(&rest, ',', &each)) {
        each = str_trim(each);
        if (str_starts_with(each, STR("W/")))
            each = str_slice(each, 2, each.len);
        if (str_equal(each, tag) || str_equal(each, STR("*")))
            return true;
    }
    return false;
}

/* What these say holds for a document and all that it loads; with a script or a style sheet they
 * would only be bytes, with each of dozens of files. */
static void add_document_headers(struct http_exchange *exchange)
{
    http_add_header(exchange, "Referrer-Policy", STR("same-origin"));
    http_add_header(exchange, "Cross-Origin-Opener-Policy", STR("same-origin"));
    http_add_header(exchange, "Permissions-Policy",
                    STR("camera=(), geolocation=(), microphone=(), payment=(), usb=()"));
    http_add_header(exchange, "Content-Security-Policy", str_from_c(policy));
}

static void add_headers(struct http_exchange *exchange, const struct page_file *file)
{
    struct str kept = STR("public, max-age=31536000, immutable");
    bool is_part = str_starts_with(file->content_type, STR("text/javascript")) ||
                   str_starts_with(file->content_type, STR("text/css"));
    http_add_header(exchange, "Cache-Control", file->is_immutable ? kept : STR("no-cache"));
    http_add_header(exchange, "Vary", STR("Accept-Encoding"));
    http_add_header(exchange, "X-Content-Type-Options", STR("nosniff"));
    http_add_header(exchange, "Cross-Origin-Resource-Policy", STR("same-origin"));
    if (!is_part)
        add_document_headers(exchange);
}

bool page_answer(struct http_exchange *exchange)
{
    static const char *const names[] = {"", "gzip", "br"};
    const struct http_request *request = http_request(exchange);
    struct page_file file;
    bool reads = str_equal(request->method, STR("GET")) || str_equal(request->method, STR("HEAD"));
    if (!reads || !page_find(request->path, &file))
        return false;
    enum page_coding coding = page_choose(&file, http_header(exchange, "Accept-Encoding"));
    const struct str bodies[] = {file.plain, file.gzip, file.brotli};
    struct str tag = arena_format(http_arena(exchange), "\"%.*s%s%s\"", STR_ARG(file.hash),
                                  coding == PAGE_PLAIN ? "" : "-", names[coding]);
    add_headers(exchange, &file);
    http_add_header(exchange, "ETag", tag);
    if (has_already(exchange, tag)) {
        http_answer(exchange, 304, NULL, STR(""));
        return true;
    }
    if (coding != PAGE_PLAIN)
        http_add_header(exchange, "Content-Encoding", str_from_c(names[coding]));
    http_answer(exchange, 200, file.content_type.ptr, bodies[coding]);
    return true;
}
