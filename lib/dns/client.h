/*
 * Asks given name servers, thousands of questions at a time from one thread: UDP with a way back to
 * TCP, EDNS, time-outs and repeats, by c-ares. Answers come raw and are parsed by message.h. c-ares
 * takes its servers per channel, so there is a bounded cache of channels, one a server.
 */
#ifndef LIB_DNS_CLIENT_H
#define LIB_DNS_CLIENT_H

#include "lib/dns/message.h"

struct dns_client;

struct dns_client_options {
    bool allow_private; /* ask loopback and private addresses too */
    int timeout_ms;     /* of the first try; each further one waits twice as long */
    int tries;
    size_t channels_max;  /* servers that are asked at one time; others wait */
    size_t in_flight_max; /* of one server */
    int per_second;       /* to one server; 0: as many as it takes */
    void (*random)(void *self, void *bytes, size_t size_bytes); /* for ids of messages */
    void *random_self;
};

/* Of one thread, but for dns_client_wake. Aborts where there is no memory. */
struct dns_client *dns_client_new(const struct dns_client_options *options);
/* What is asked still is answered DNS_CANCELLED. NULL is fine. */
void dns_client_free(struct dns_client *client);
/* From the next question on. */
void dns_client_set_private(struct dns_client *client, bool allow_private);
void dns_client_set_rate(struct dns_client *client, int per_second);

enum dns_outcome {
    DNS_ANSWERED,
    DNS_TIMED_OUT,   /* nobody answered, or nothing that fits the question */
    DNS_UNREACHABLE, /* the network says so */
    DNS_GARBAGE,     /* it answered, but with no message */
    DNS_FORBIDDEN,   /* a private target, see allow_private */
    DNS_CANCELLED
};

/* Borrowed for the call. */
struct dns_reply {
    enum dns_outcome outcome;
    const struct dns_message *message; /* DNS_ANSWERED */
    int64_t latency_us;                /* from the first packet, with repeats */
};
/* From dns_client_turn or dns_client_free, never from dns_client_ask. */
typedef void dns_answered(void *self, const struct dns_reply *reply);

struct dns_question {
    struct dns_address server;
    struct str name; /* copied */
    enum dns_type type;
    bool wants_recursion;
};
/* Exactly one `answered` follows. A name that is none is DNS_GARBAGE. */
void dns_client_ask(struct dns_client *client, const struct dns_question *question,
                    dns_answered *answered, void *self);
/* Waits for what happens next, at most `wait_ms`, and calls what is answered. */
void dns_client_turn(struct dns_client *client, int wait_ms);
/* Questions without an answer. */
size_t dns_client_pending(const struct dns_client *client);
/* Any thread: the turn that waits, or the next one, returns at once. */
void dns_client_wake(struct dns_client *client);
/* Whether this machine has a way to the IPv6 internet. */
bool dns_client_has_ipv6(void);

#endif
