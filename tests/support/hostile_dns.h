/*
 * A name server that misbehaves, on a loopback address of its own, over UDP and TCP: for everything
 * that a name server of somebody else may do to us.
 */
#ifndef TESTS_SUPPORT_HOSTILE_DNS_H
#define TESTS_SUPPORT_HOSTILE_DNS_H

#include "lib/dns/message.h"

enum hostile_way {
    HOSTILE_HONEST,     /* authoritative: SOA, one NS (ns1 of the name, at its own address), … */
    HOSTILE_SILENT,     /* says nothing */
    HOSTILE_REFUSES,    /* REFUSED */
    HOSTILE_CACHE,      /* the right answers, not authoritative */
    HOSTILE_ECHO,       /* sends the question back */
    HOSTILE_OTHER_NAME, /* an answer to another question */
    HOSTILE_WRONG_ID,   /* the right answer with another id */
    HOSTILE_OTHER_ADDRESS,   /* the right answer from another port */
    HOSTILE_LATE,            /* answers when the first wait is over */
    HOSTILE_TRUNCATES,       /* truncated over UDP, honest over TCP */
    HOSTILE_TRUNCATES_TWICE, /* truncated over UDP and over TCP */
    HOSTILE_GARBAGE,         /* 4 KiB of noise behind the right header, 64 KiB of it over TCP */
    HOSTILE_GARBAGE_TCP,     /* truncated over UDP, 64 KiB of noise over TCP */
    HOSTILE_HANGS_TCP,       /* truncated over UDP, takes the TCP question and never answers */
    HOSTILE_BOMB,            /* hundreds of records whose names unfold to 255 bytes each */
    HOSTILE_POINTER_LOOP,    /* a compressed name that points to itself */
    HOSTILE_CNAME_LOOP,      /* every host is an alias of another one, for ever */
    HOSTILE_REFERS_UP,       /* hands on to the root */
    HOSTILE_REFERS_ROUND,    /* hands on to servers whose names are below the name itself */
    HOSTILE_REFERS_ON,       /* hands on to servers of which only their like know the address */
    HOSTILE_NO_EDNS,         /* FORMERR for EDNS, honest without */
    HOSTILE_NO_NAME,         /* NXDOMAIN */
    HOSTILE_NO_RECORD,       /* authoritative, and nothing there */
    HOSTILE_WAYS
};

struct hostile_dns;
/* On this loopback address, at a port of its own (0) or at this one. A failure ends the test. */
struct hostile_dns *hostile_dns_start(enum hostile_way way, const char *address, uint16_t port);
void hostile_dns_stop(struct hostile_dns *server);
struct dns_address hostile_dns_address(const struct hostile_dns *server);
/* Questions that it got. */
int hostile_dns_questions(const struct hostile_dns *server);
/* Its SOA's serial; 1 before. */
void hostile_dns_set_serial(struct hostile_dns *server, uint32_t serial);
/* The address that it tells of every name, instead of its own. */
void hostile_dns_point(struct hostile_dns *server, const struct dns_address *address);
/* What it answers to questions for TXT; empty: nothing. */
void hostile_dns_set_text(struct hostile_dns *server, const char *text);

#endif
