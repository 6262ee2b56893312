/* RFC 9112 sections 2 to 6, without what it allows a lenient reader. */
#include "lib/http/head.h"

#include <string.h>

#include "lib/base/parse.h"

/* More is no size of anything, and every sum with it stays in range. */
static const int64_t length_max = INT64_C(1) << 60;

static const struct refusal fine = {0, NULL};

static struct refusal bad(const char *sentence)
{
    return (struct refusal){400, sentence};
}

static bool is_token_char(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_token_char(text.ptr[i]))
            return false;
    return text.len > 0;
}

static bool is_field_text(struct str text)
{
    bool ascii = true;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
        ascii = ascii && c < 0x80;
    }
    return ascii || str_is_utf8(text);
}

/* ---- the shape of the lines ---- */

/* The CR LF of a line stands as two NULs. Moves `*at` behind them. */
static bool take_line_end(const struct head *head, const char **at)
{
    const char *end = head->bytes + head->size_bytes;
    if (*at < head->bytes || end - *at < 2 || (*at)[0] || (*at)[1])
        return false;
    *at += 2;
    return true;
}

static struct refusal check_request_line(const struct head *head, const char **ret_at)
{
    struct str method = str_from_c(head->bytes), version = str_from_c(head->version);
    *ret_at = head->version + version.len;
    if (!is_token(method))
        return bad("The method is not a word.");
    if (head->target.ptr != method.ptr + method.len + 1 ||
        head->version != head->target.ptr + head->target.len + 1 || !take_line_end(head, ret_at))
        return bad("The request line must be method, target and version with one space between, "
                   "ended by CR LF.");
    if (!str_equal(version, STR("HTTP/1.1")) && !str_equal(version, STR("HTTP/1.0")))
        return (struct refusal){505, "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
    return fine;
}

/* `*at` is where the field must begin. */
static struct refusal check_field(const struct head *head, const struct head_field *field,
                                  const char **at)
{
    if (field->name.ptr != *at || !is_token(field->name))
        return bad("A header line is folded, or its name is not a word followed by a colon.");
    const char *value = field->name.ptr + field->name.len + 1;
    while (*value == ' ' || *value == '\t')
        value++;
    if (field->value.ptr != value || !is_field_text(field->value))
        return bad("A header value has control characters or is not UTF-8.");
    *at = value + field->value.len;
    if (!take_line_end(head, at))
        return bad("A header line has a NUL or does not end with CR LF.");
    return fine;
}

static struct refusal check_lines(const struct head *head)
{
    const char *at;
    struct refusal refusal = check_request_line(head, &at);
    for (size_t i = 0; i < head->field_count && !refusal.status; i++)
        refusal = check_field(head, &head->fields[i], &at);
    if (refusal.status)
        return refusal;
    if (!take_line_end(head, &at) || at != head->bytes + head->size_bytes)
        return bad("The header lines are not well-formed.");
    return fine;
}

/* ---- what the fields mean for reading on ---- */

struct found {
    size_t count;
    struct str value;
};

static struct found find_field(const struct head *head, struct str name)
{
    struct found found = {0};
    for (size_t i = 0; i < head->field_count; i++) {
        if (!str_equal_nocase(head->fields[i].name, name))
            continue;
        found.count++;
        found.value = head->fields[i].value;
    }
    return found;
}

static bool is_host(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_token_char(text.ptr[i]) && !strchr("[]:(),;=", text.ptr[i]))
            return false;
    return text.len > 0;
}

static struct refusal check_host(const struct head *head)
{
    struct found host = find_field(head, STR("Host"));
    bool needed = head->version[7] == '1';
    if (host.count > 1)
        return bad("The request has more than one Host.");
    if (!host.count)
        return needed ? bad("The request has no Host.") : fine;
    return is_host(str_trim(host.value)) ? fine : bad("The Host is not well-formed.");
}

static struct refusal check_length(struct str text, struct framing *framing)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return bad("Content-Length is not a number.");
    if (!text.len)
        return bad("Content-Length is not a number.");
    if (!parse_int64(text, 0, length_max, &framing->length))
        return (struct refusal){413, "The body is too large."};
    framing->has_length = true;
    return fine;
}

static struct refusal check_framing(const struct head *head, struct framing *framing)
{
    struct found length = find_field(head, STR("Content-Length"));
    struct found coding = find_field(head, STR("Transfer-Encoding"));
    if (length.count > 1)
        return bad("The request has more than one Content-Length.");
    if (length.count && coding.count)
        return bad("The request has both Content-Length and Transfer-Encoding.");
    if (length.count)
        return check_length(length.value, framing);
    if (!coding.count)
        return fine;
    /* The very bytes that libmicrohttpd compares: it would read "chunked " until the end. */
    if (coding.count > 1 || !str_equal_nocase(coding.value, STR("chunked")))
        return (struct refusal){501, "The only transfer coding taken is chunked."};
    if (head->version[7] == '0')
        return bad("HTTP/1.0 has no transfer codings.");
    framing->chunked = true;
    return fine;
}

static struct refusal check_expect(const struct head *head, struct framing *framing)
{
    struct found expect = find_field(head, STR("Expect"));
    if (!expect.count || head->version[7] == '0')
        return fine;
    if (expect.count > 1 || !str_equal_nocase(expect.value, STR("100-continue")))
        return (struct refusal){417, "The only expectation met is 100-continue."};
    framing->expects_continue = true;
    return fine;
}

struct refusal head_check(const struct head *head, struct framing *ret_framing)
{
    struct framing framing = {0};
    struct refusal refusal = check_lines(head);
    if (!refusal.status)
        refusal = check_host(head);
    if (!refusal.status)
        refusal = check_framing(head, &framing);
    if (!refusal.status)
        refusal = check_expect(head, &framing);
    if (!refusal.status)
        *ret_framing = framing;
    return refusal;
}
