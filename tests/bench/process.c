/* Servers beside the bench. */
#include "tests/bench/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/parse.h"

enum { START_MAX_S = 120, HELLO_BYTES = 1024, TEXT_BYTES = 4096 };

static void sleep_ms(int ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

/* ---- the product ---- */

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        bench_fail("there is no free port");
    close(fd);
    return ntohs(address.sin_port);
}

static bool answers(int port)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char answer[16] = "";
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool yes = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
               send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0 &&
               recv(fd, answer, sizeof(answer), 0) > 0;
    close(fd);
    return yes;
}

/* Its log goes to a file in the data directory. */
static void run_serve(const char *program, const char *directory, int port)
{
    char listen[32], log[TEXT_BYTES];
    snprintf(listen, sizeof(listen), "127.0.0.1:%d", port);
    snprintf(log, sizeof(log), "%s/log", directory);
    /* It does not outlive a bench that failed. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    execl(program, program, "serve", "--data", directory, "--listen", listen, "--rate", "0",
          "--log", "warning", (char *)NULL);
    _exit(127);
}

struct process process_serve(const char *directory)
{
    const char *program = getenv("RAPPORT");
    struct process process = {.port = free_port()};
    double began = bench_now_s();
    fflush(stdout);
    process.pid = fork();
    if (process.pid == 0)
        run_serve(program ? program : "build/rapport", directory, process.port);
    while (!answers(process.port)) {
        if (waitpid(process.pid, NULL, WNOHANG) != 0 || bench_now_s() - began > START_MAX_S)
            bench_fail("the server did not start; see %s/log", directory);
        sleep_ms(1);
    }
    process.started_s = bench_now_s() - began;
    return process;
}

/* ---- the baseline ---- */

/* lint: parameters: the library calls it so */
static enum MHD_Result say_hello(void *self, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload,
                                 size_t *upload_size, void **state)
{
    static char seen;
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    (void)upload_size;
    if (!*state) {
        *state = &seen;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, self);
}

static void run_hello(int port_fd)
{
    char body[HELLO_BYTES];
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    memset(body, 'x', sizeof(body));
    memcpy(body, "{\"hello\":\"", 10);
    memcpy(body + HELLO_BYTES - 2, "\"}", 2);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(HELLO_BYTES, body, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, say_hello, response, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT, 1000U, MHD_OPTION_END);
    if (!daemon)
        _exit(1);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    int port = info->port;
    if (write(port_fd, &port, sizeof(port)) != (ssize_t)sizeof(port))
        _exit(1);
    for (;;)
        pause();
}

struct process process_hello(void)
{
    struct process process = {0};
    int fds[2];
    fflush(stdout);
    if (pipe(fds) != 0 || (process.pid = fork()) < 0)
        bench_fail("no process can be made");
    if (process.pid == 0)
        run_hello(fds[1]);
    close(fds[1]);
    if (read(fds[0], &process.port, sizeof(process.port)) != (ssize_t)sizeof(process.port))
        bench_fail("the bare server did not start");
    close(fds[0]);
    return process;
}

/* ---- both ---- */

void process_stop(struct process *process)
{
    int status;
    kill(process->pid, SIGTERM);
    waitpid(process->pid, &status, 0);
    process->pid = 0;
}

static size_t read_proc(const struct process *process, const char *name, char text[TEXT_BYTES])
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)process->pid, name);
    FILE *file = fopen(path, "r");
    size_t len = file ? fread(text, 1, TEXT_BYTES - 1, file) : 0;
    if (file)
        fclose(file);
    text[len] = '\0';
    return len;
}

/* The number that follows `skip` words after `after`. */
static int64_t number_after(const char *text, const char *after, int skip)
{
    struct str rest = str_from_c(strstr(text, after)), word;
    int64_t number = 0;
    rest = str_slice(rest, strlen(after), rest.len);
    while (str_split(&rest, ' ', &word))
        if (str_trim(word).len && skip-- == 0)
            break;
    return parse_int64(str_trim(word), 0, INT64_MAX, &number) ? number : 0;
}

double process_memory_mib(const struct process *process)
{
    char text[TEXT_BYTES];
    read_proc(process, "status", text);
    return (double)number_after(text, "VmRSS:", 0) / 1024;
}

/* Fields 14 and 15 of stat, in ticks; the name before them may hold spaces, and ends with ")". */
double process_cpu_s(const struct process *process)
{
    char text[TEXT_BYTES];
    read_proc(process, "stat", text);
    int64_t ticks = number_after(text, ") ", 11) + number_after(text, ") ", 12);
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}
