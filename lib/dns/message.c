/* The wire format: a strict reader of answers, and queries. */
#include "lib/dns/message.h"

#include <string.h>

enum {
    HEADER_BYTES = 12,
    CLASS_IN = 1,
    POINTER = 0xc0,
    ESCAPED_BYTES_MAX = 4 * DNS_NAME_BYTES_MAX,
    KEY_BYTES_MIN = 4,
    FLAG_RESPONSE = 0x8000,
    FLAG_AUTHORITATIVE = 0x0400,
    FLAG_TRUNCATED = 0x0200,
    FLAG_RECURSION_DESIRED = 0x0100,
    FLAG_RECURSION_AVAILABLE = 0x0080,
    EDNS_DO = 0x8000
};

/* Reads on from `at`; `failed` is sticky. */
struct reader {
    struct str bytes;
    size_t at;
    struct arena *arena;
    size_t expanded; /* bytes of names so far */
    bool failed;
};

static unsigned byte_at(const struct reader *reader, size_t at)
{
    return (unsigned char)reader->bytes.ptr[at];
}

static bool has(struct reader *reader, size_t count)
{
    if (reader->bytes.len - reader->at < count)
        reader->failed = true;
    return !reader->failed;
}

static uint16_t take_16(struct reader *reader)
{
    if (!has(reader, 2))
        return 0;
    unsigned value = byte_at(reader, reader->at) << 8 | byte_at(reader, reader->at + 1);
    reader->at += 2;
    return (uint16_t)value;
}

static uint32_t take_32(struct reader *reader)
{
    uint32_t high = take_16(reader);
    return high << 16 | take_16(reader);
}

static struct str take_bytes(struct reader *reader, size_t count)
{
    if (!has(reader, count))
        return STR("");
    struct str taken = str_slice(reader->bytes, reader->at, reader->at + count);
    reader->at += count;
    return taken;
}

/* ---- names ---- */

struct name_text {
    char text[ESCAPED_BYTES_MAX];
    size_t len;
    size_t wire; /* its length without compression */
};

static void add_byte(struct name_text *name, unsigned byte)
{
    bool is_plain = byte > ' ' && byte < 0x7f && byte != '.' && byte != '\\';
    if (byte >= 'A' && byte <= 'Z')
        byte += 32;
    if (is_plain) {
        name->text[name->len++] = (char)byte;
        return;
    }
    name->text[name->len++] = '\\';
    name->text[name->len++] = (char)('0' + byte / 100);
    name->text[name->len++] = (char)('0' + byte / 10 % 10);
    name->text[name->len++] = (char)('0' + byte % 10);
}

/* False: too long, or outside of the message. */
static bool add_label(const struct reader *reader, size_t at, unsigned len, struct name_text *name)
{
    name->wire += len + 1;
    if (name->wire > DNS_NAME_BYTES_MAX || at + 1 + len > reader->bytes.len)
        return false;
    if (name->len)
        name->text[name->len++] = '.';
    for (unsigned i = 0; i < len; i++)
        add_byte(name, byte_at(reader, at + 1 + i));
    return true;
}

/* A pointer must lead to before where the piece of name that holds it began: each jump goes further
 * back, so that there is no loop. `ret_end`: behind the name where it stands. */
static bool walk_name(const struct reader *reader, struct name_text *name, size_t *ret_end)
{
    size_t at = reader->at, began = reader->at;
    bool jumped = false;
    name->wire = 1;
    while (at < reader->bytes.len) {
        unsigned len = byte_at(reader, at);
        if (len == 0) {
            *ret_end = jumped ? *ret_end : at + 1;
            return true;
        }
        if ((len & POINTER) == POINTER) {
            if (at + 1 >= reader->bytes.len)
                return false;
            size_t target = (len & 0x3fU) << 8 | byte_at(reader, at + 1);
            if (target >= began)
                return false;
            *ret_end = jumped ? *ret_end : at + 2;
            jumped = true;
            at = began = target;
            continue;
        }
        if ((len & POINTER) || !add_label(reader, at, len, name))
            return false;
        at += len + 1;
    }
    return false;
}

static struct str take_name(struct reader *reader)
{
    struct name_text name; /* not zeroed: it is large, and there are many */
    size_t end = 0;
    name.len = 0;
    if (reader->failed || !walk_name(reader, &name, &end)) {
        reader->failed = true;
        return STR("");
    }
    reader->at = end;
    reader->expanded += name.len;
    if (reader->expanded > DNS_EXPANDED_BYTES_MAX) {
        reader->failed = true;
        return STR("");
    }
    return arena_str(reader->arena, (struct str){name.text, name.len});
}

/* ---- records ---- */

static void read_soa(struct reader *reader, struct dns_soa *soa)
{
    soa->mname = take_name(reader);
    soa->rname = take_name(reader);
    soa->serial = take_32(reader);
    soa->refresh_s = take_32(reader);
    soa->retry_s = take_32(reader);
    soa->expire_s = take_32(reader);
    soa->minimum_s = take_32(reader);
}

static void read_text(struct reader *reader, size_t end, struct dns_record *record)
{
    char *text = arena_alloc(reader->arena, end - reader->at + 1);
    size_t len = 0;
    while (reader->at < end && !reader->failed) {
        unsigned count = byte_at(reader, reader->at++);
        struct str piece = take_bytes(reader, count);
        if (piece.len)
            memcpy(text + len, piece.ptr, piece.len);
        len += piece.len;
    }
    record->text = (struct str){text, len};
}

static void read_address(struct reader *reader, int family, struct dns_record *record)
{
    struct str bytes = take_bytes(reader, family == 6 ? 16 : 4);
    record->address.family = family;
    record->address.port = DNS_PORT;
    if (bytes.len)
        memcpy(record->address.bytes, bytes.ptr, bytes.len);
}

/* RFC 4034, appendix B. */
static uint16_t key_tag(struct str key)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < key.len; i++)
        sum += (uint32_t)(unsigned char)key.ptr[i] << (i & 1 ? 0 : 8);
    return (uint16_t)(sum + (sum >> 16));
}

static void read_key(struct reader *reader, size_t end, struct dns_record *record)
{
    size_t count = end - reader->at;
    if (count < KEY_BYTES_MIN)
        reader->failed = true;
    record->key_tag = key_tag(take_bytes(reader, count));
}

static void read_signature(struct reader *reader, size_t end, struct dns_record *record)
{
    record->covers = take_16(reader);
    take_bytes(reader, 6); /* algorithm, labels, original TTL */
    record->expires_s = take_32(reader);
    take_32(reader); /* inception */
    record->key_tag = take_16(reader);
    take_name(reader);
    if (!reader->failed && reader->at <= end)
        reader->at = end;
}

static void read_data(struct reader *reader, size_t end, struct dns_record *record)
{
    switch (record->type) {
    case DNS_TYPE_A:
        read_address(reader, 4, record);
        break;
    case DNS_TYPE_AAAA:
        read_address(reader, 6, record);
        break;
    case DNS_TYPE_NS:
    case DNS_TYPE_CNAME:
        record->target = take_name(reader);
        break;
    case DNS_TYPE_MX:
        record->preference = take_16(reader);
        record->target = take_name(reader);
        break;
    case DNS_TYPE_SOA:
        read_soa(reader, &record->soa);
        break;
    case DNS_TYPE_TXT:
        read_text(reader, end, record);
        break;
    case DNS_TYPE_DS:
        record->key_tag = take_16(reader);
        if (!reader->failed && reader->at <= end)
            reader->at = end;
        break;
    case DNS_TYPE_DNSKEY:
        read_key(reader, end, record);
        break;
    case DNS_TYPE_RRSIG:
        read_signature(reader, end, record);
        break;
    default:
        break;
    }
}

static bool is_known(uint16_t type)
{
    static const uint16_t types[] = {DNS_TYPE_A,     DNS_TYPE_NS,    DNS_TYPE_CNAME, DNS_TYPE_SOA,
                                     DNS_TYPE_MX,    DNS_TYPE_TXT,   DNS_TYPE_AAAA,  DNS_TYPE_DS,
                                     DNS_TYPE_RRSIG, DNS_TYPE_DNSKEY};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i] == type)
            return true;
    return false;
}

static void read_record(struct reader *reader, enum dns_section section,
                        struct dns_message *message)
{
    struct dns_record record = {.section = section};
    record.name = take_name(reader);
    record.type = take_16(reader);
    uint16_t class = take_16(reader);
    record.ttl_s = take_32(reader);
    size_t count = take_16(reader);
    if (!has(reader, count))
        return;
    size_t end = reader->at + count;
    if (record.type == DNS_TYPE_OPT && section == DNS_ADDITIONAL && !record.name.len) {
        message->has_edns = true;
        message->rcode |= (int)(record.ttl_s >> 24) << 4;
        reader->at = end;
        return;
    }
    if (class != CLASS_IN || !is_known(record.type)) {
        reader->at = end;
        return;
    }
    read_data(reader, end, &record);
    /* Data that ends elsewhere than it says is a lie. */
    if (reader->at != end)
        reader->failed = true;
    if (!reader->failed)
        message->records[message->count++] = record;
}

static void read_flags(struct reader *reader, struct dns_message *message)
{
    message->id = take_16(reader);
    uint16_t flags = take_16(reader);
    message->is_response = flags & FLAG_RESPONSE;
    message->is_authoritative = flags & FLAG_AUTHORITATIVE;
    message->is_truncated = flags & FLAG_TRUNCATED;
    message->recursion_available = flags & FLAG_RECURSION_AVAILABLE;
    message->rcode = flags & 0xf;
}

bool dns_message_parse(struct str bytes, struct arena *arena, struct dns_message *ret_message)
{
    struct reader reader = {.bytes = bytes, .arena = arena};
    struct dns_message message = {.count = 0};
    size_t counts[3], total = 0;
    if (bytes.len < HEADER_BYTES || bytes.len > UINT16_MAX)
        return false;
    read_flags(&reader, &message);
    uint16_t questions = take_16(&reader);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        total += counts[i] = take_16(&reader);
    /* An answer to one question repeats it; a refusal may leave it out. */
    if (questions > 1 || total > DNS_RECORDS_MAX)
        return false;
    if (questions) {
        message.question = take_name(&reader);
        message.question_type = take_16(&reader);
        take_16(&reader);
    }
    message.records = ARENA_ARRAY(arena, struct dns_record, total);
    for (size_t section = 0; section < ARRAY_LEN(counts); section++)
        for (size_t i = 0; i < counts[section] && !reader.failed; i++)
            read_record(&reader, (enum dns_section)section, &message);
    if (reader.failed || reader.at != bytes.len)
        return false;
    *ret_message = message;
    return true;
}

const struct dns_record *dns_message_find(const struct dns_message *message,
                                          enum dns_section section, struct str name,
                                          enum dns_type type)
{
    for (size_t i = 0; i < message->count; i++) {
        const struct dns_record *record = &message->records[i];
        if (record->section == section && record->type == type && str_equal(record->name, name))
            return record;
    }
    return NULL;
}

const char *dns_rcode_name(int rcode)
{
    static const char *const names[] = {"NOERROR", "FORMERR",  "SERVFAIL", "NXDOMAIN", "NOTIMP",
                                        "REFUSED", "YXDOMAIN", "YXRRSET",  "NXRRSET",  "NOTAUTH"};
    return rcode >= 0 && (size_t)rcode < ARRAY_LEN(names) ? names[rcode] : "rcode";
}

/* ---- queries ---- */

static size_t put_16(uint8_t *bytes, size_t at, unsigned value)
{
    bytes[at] = (uint8_t)(value >> 8);
    bytes[at + 1] = (uint8_t)value;
    return at + 2;
}

/* 0: it is none. Names out of answers that have escapes are not asked for. */
static size_t put_name(uint8_t *bytes, size_t at, struct str name)
{
    struct str rest = name, label;
    if (name.len + 2 > DNS_NAME_BYTES_MAX)
        return 0;
    while (name.len && str_split(&rest, '.', &label)) {
        if (!label.len || label.len > DNS_LABEL_BYTES_MAX || str_find_char(label, '\\', NULL))
            return 0;
        bytes[at++] = (uint8_t)label.len;
        memcpy(bytes + at, label.ptr, label.len);
        at += label.len;
    }
    bytes[at++] = 0;
    return at;
}

size_t dns_query_render(const struct dns_query *query, uint8_t ret_bytes[DNS_QUERY_BYTES_MAX])
{
    size_t at = put_16(ret_bytes, 0, query->id);
    at = put_16(ret_bytes, at, query->wants_recursion ? FLAG_RECURSION_DESIRED : 0);
    at = put_16(ret_bytes, at, 1);
    at = put_16(ret_bytes, at, 0);
    at = put_16(ret_bytes, at, 0);
    at = put_16(ret_bytes, at, query->edns ? 1 : 0);
    at = put_name(ret_bytes, at, query->name);
    if (!at)
        return 0;
    at = put_16(ret_bytes, at, query->type);
    at = put_16(ret_bytes, at, CLASS_IN);
    if (!query->edns)
        return at;
    ret_bytes[at++] = 0;
    at = put_16(ret_bytes, at, DNS_TYPE_OPT);
    at = put_16(ret_bytes, at, DNS_EDNS_BYTES);
    at = put_16(ret_bytes, at, 0);
    at = put_16(ret_bytes, at, EDNS_DO);
    return put_16(ret_bytes, at, 0);
}
