/* What a client sees of a server that is used as meant. */
#include "lib/http/wire_test.h"

#define HEAD "Host: x\r\n\r\n"

TEST(http, answers_request_after_request_on_one_connection)
{
    struct wire wire = {0};
    struct wire_text text;
    wire_start(&wire, NULL);
    int fd = wire_connect(&wire);
    for (int i = 0; i < 3; i++) {
        wire_send(fd, "GET /hello HTTP/1.1\r\n" HEAD);
        CHECK_INT(200, wire_read(fd, &text));
        CHECK_STR("hello", wire_body(&text));
        CHECK(wire_has(&text, "\r\nDate: "));
        CHECK(!wire_has(&text, "close"));
    }
    wire_close(&fd);
    wire_stop(&wire);
    CHECK_INT(3, atomic_load(&wire.finished));
    CHECK_INT(200, atomic_load(&wire.last_status));
    CHECK_INT(5, atomic_load(&wire.last_sent_bytes));
}
