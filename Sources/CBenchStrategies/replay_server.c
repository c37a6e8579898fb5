#define _GNU_SOURCE
#include "replay_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 8192, REQUEST_MAX = 16384, EVENT_MAX = 2048, TOKENS_MAX = 4096 };

/* By its descriptor. */
struct connection {
    int is_open;
    /* Tokens that were sent of a sample; -1 outside of one. */
    int sent;
    size_t have;
    char request[REQUEST_MAX];
};

struct event {
    size_t size;
    char bytes[EVENT_MAX];
};

struct stg_replay {
    int listener, events, bell;
    uint16_t port;
    pthread_t thread;
    clockid_t clock;
    atomic_int tokens, pause, is_over;
    struct connection *connections;
    /* Token k of every sample, and the last event after token k. */
    struct event *token, *last;
};

static double now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* ---- what it says: the bytes of llama-server b10434 */

static const struct {
    const char *text, *bytes;
    int id;
} words[] = {
    {" in", "32,105,110", 316}, {" ", "32", 228}, {"8", "56", 31}, {" meters", "32,109,101,116,101,114,115", 626},
    {"####", "35,35,35,35", 327}, {"/", "47", 22}, {" was", "32,119,97,115", 466},
};

/* A chunk of HTTP around an event. */
static void chunk(struct event *event, const char *data, const char *end) {
    event->size = (size_t)snprintf(event->bytes, EVENT_MAX, "%zx\r\n%s\r\n%s", strlen(data), data, end);
}

static void write_events(stg_replay *replay) {
    char data[EVENT_MAX];
    for (int k = 1; k <= TOKENS_MAX; k++) {
        int n = k % (int)(sizeof words / sizeof *words);
        snprintf(data, sizeof data,
                 "data: {\"index\":0,\"content\":\"%s\",\"tokens\":[%d],\"stop\":false,\"id_slot\":-1,\"tokens_predicted\":%d,"
                 "\"tokens_evaluated\":64,\"completion_probabilities\":[{\"id\":%d,\"token\":\"%s\",\"bytes\":[%s],"
                 "\"logprob\":-0.13108018040657043,\"top_logprobs\":[{\"id\":%d,\"token\":\"%s\",\"bytes\":[%s],"
                 "\"logprob\":-0.13108018040657043}]}]}\n\n",
                 words[n].text, words[n].id, k, words[n].id, words[n].text, words[n].bytes, words[n].id, words[n].text,
                 words[n].bytes);
        chunk(&replay->token[k], data, "");
        /* What response_fields leaves of it. */
        snprintf(data, sizeof data,
                 "data: {\"content\":\"\",\"stop\":true,\"tokens\":[],\"tokens_predicted\":%d,\"stop_type\":\"eos\","
                 "\"stopping_word\":\"\",\"model\":\"replay\",\"timings\":{\"cache_n\":63,\"prompt_n\":1,\"prompt_ms\":8.544,"
                 "\"prompt_per_token_ms\":1.4240000000000002,\"prompt_per_second\":702.2471910112359,\"predicted_n\":12,"
                 "\"predicted_ms\":8.325,\"predicted_per_token_ms\":0.7568181818181817,\"predicted_per_second\":"
                 "1321.3213213213214}}\n\n",
                 k);
        chunk(&replay->last[k], data, "0\r\n\r\n");
    }
}

static const char stream_head[] =
    "HTTP/1.1 200 OK\r\nServer: llama.cpp\r\nAccess-Control-Allow-Origin: \r\nX-Accel-Buffering: no\r\n"
    "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nKeep-Alive: timeout=5, max=100\r\n\r\n";

static const char *answer_of(const char *path) {
    if (strncmp(path, "/v1/models ", 11) == 0) return "{\"data\":[{\"id\":\"replay\",\"owned_by\":\"llamacpp\"}]}";
    if (strncmp(path, "/props ", 7) == 0)
        return "{\"build_info\":\"replay\",\"total_slots\":16,\"default_generation_settings\":{\"n_ctx\":8192}}";
    if (strncmp(path, "/tokenize ", 10) == 0)
        return "{\"tokens\":[62,650,330,228,26,320,228,27,38,62,650,330,228,26,320,228,27,38,62,650,330,228,26,320,228,"
               "27,38,62,650,330,228,26,320,228,27,38,62,650,330,228,26,320,228,27,38,62,650,330,228,26,320,228,27,38,"
               "62,650,330,228,26,320,228,27,38,62]}";
    return NULL;
}

/* ---- connections */

static void leave(stg_replay *replay, int file) {
    replay->connections[file].is_open = 0;
    close(file);
}

static int say(int file, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = send(file, bytes, size, MSG_NOSIGNAL);
        if (count <= 0) return 0;
        bytes += count;
        size -= (size_t)count;
    }
    return 1;
}

/* The next token of a sample; after the last one, the connection is closed, as llama-server does. */
static void step(stg_replay *replay, int file, int tokens) {
    struct connection *one = &replay->connections[file];
    const struct event *event = one->sent < tokens ? &replay->token[one->sent + 1] : &replay->last[tokens];
    int was_last = one->sent++ >= tokens;
    if (!say(file, event->bytes, event->size) || was_last) leave(replay, file);
}

static int respond(int file, const char *body, const char *status) {
    char head[256];
    int size = snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                        status, strlen(body));
    return say(file, head, (size_t)size) && say(file, body, strlen(body));
}

/* Answers what is there, if it is complete. Returns 0 if the connection is of no more use. */
static int answer(struct connection *one, int file) {
    char *end = strstr(one->request, "\r\n\r\n");
    if (!end) return one->have < REQUEST_MAX - 1;
    char *length = strcasestr(one->request, "\r\ncontent-length:");
    size_t whole = (size_t)(end + 4 - one->request) + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
    if (one->have < whole) return whole < REQUEST_MAX;
    char *path = strchr(one->request, ' ');
    if (!path) return 0;
    one->have = 0;
    if (strncmp(path + 1, "/completion ", 12) == 0) {
        one->sent = 0;
        return say(file, stream_head, sizeof stream_head - 1);
    }
    const char *body = answer_of(path + 1);
    return body ? respond(file, body, "200 OK") : respond(file, "{}", "404 Not Found");
}

static void hear(stg_replay *replay, int file) {
    struct connection *one = &replay->connections[file];
    ssize_t count = recv(file, one->request + one->have, REQUEST_MAX - 1 - one->have, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) { leave(replay, file); return; }
    one->have += (size_t)count;
    one->request[one->have] = 0;
    if (!answer(one, file)) leave(replay, file);
}

static void welcome(stg_replay *replay) {
    int file = accept4(replay->listener, NULL, NULL, SOCK_CLOEXEC);
    if (file < 0) return;
    if (file >= FILES_MAX) { close(file); return; }
    struct connection *one = &replay->connections[file];
    one->is_open = 1;
    one->sent = -1;
    one->have = 0;
    struct epoll_event wish = {.events = EPOLLIN, .data.fd = file};
    epoll_ctl(replay->events, EPOLL_CTL_ADD, file, &wish);
}

static void *serve(void *given) {
    stg_replay *replay = given;
    double next = 0;
    while (!atomic_load(&replay->is_over)) {
        double left = next - now(CLOCK_MONOTONIC);
        struct epoll_event found[64];
        int count = epoll_wait(replay->events, found, 64, left > 0 ? (int)(left * 1e3) + 1 : 0);
        for (int i = 0; i < count; i++) {
            if (found[i].data.fd == replay->listener) welcome(replay);
            else if (found[i].data.fd != replay->bell) hear(replay, found[i].data.fd);
        }
        if (now(CLOCK_MONOTONIC) < next) continue;
        int tokens = atomic_load(&replay->tokens);
        next = now(CLOCK_MONOTONIC) + atomic_load(&replay->pause) * 1e-3;
        for (int file = 0; file < FILES_MAX; file++)
            if (replay->connections[file].is_open && replay->connections[file].sent >= 0) step(replay, file, tokens);
    }
    for (int file = 0; file < FILES_MAX; file++)
        if (replay->connections[file].is_open) leave(replay, file);
    return NULL;
}

/* ---- the whole */

static int open_socket(stg_replay *replay) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    replay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    replay->events = epoll_create1(EPOLL_CLOEXEC);
    replay->bell = eventfd(0, EFD_CLOEXEC);
    if (replay->listener < 0 || replay->events < 0 || replay->bell < 0 ||
        bind(replay->listener, (struct sockaddr *)&address, size) != 0 || listen(replay->listener, 4096) != 0 ||
        getsockname(replay->listener, (struct sockaddr *)&address, &size) != 0)
        return 0;
    replay->port = ntohs(address.sin_port);
    struct epoll_event wish = {.events = EPOLLIN, .data.fd = replay->listener};
    struct epoll_event ring = {.events = EPOLLIN, .data.fd = replay->bell};
    return epoll_ctl(replay->events, EPOLL_CTL_ADD, replay->listener, &wish) == 0 &&
           epoll_ctl(replay->events, EPOLL_CTL_ADD, replay->bell, &ring) == 0;
}

static void discard(stg_replay *replay) {
    if (replay->listener >= 0) close(replay->listener);
    if (replay->events >= 0) close(replay->events);
    if (replay->bell >= 0) close(replay->bell);
    free(replay->connections);
    free(replay->token);
    free(replay->last);
    free(replay);
}

stg_replay *stg_replay_start(void) {
    stg_replay *replay = calloc(1, sizeof *replay);
    if (!replay) return NULL;
    replay->listener = replay->events = replay->bell = -1;
    replay->connections = calloc(FILES_MAX, sizeof *replay->connections);
    replay->token = calloc(TOKENS_MAX + 1, sizeof *replay->token);
    replay->last = calloc(TOKENS_MAX + 1, sizeof *replay->last);
    if (!replay->connections || !replay->token || !replay->last || !open_socket(replay)) {
        discard(replay);
        return NULL;
    }
    write_events(replay);
    stg_replay_set(replay, 2, 1);
    if (pthread_create(&replay->thread, NULL, serve, replay) != 0) {
        discard(replay);
        return NULL;
    }
    pthread_getcpuclockid(replay->thread, &replay->clock);
    return replay;
}

uint16_t stg_replay_port(const stg_replay *replay) { return replay->port; }

void stg_replay_set(stg_replay *replay, int tokens, int pause) {
    atomic_store(&replay->tokens, tokens < 2 ? 2 : tokens > TOKENS_MAX ? TOKENS_MAX : tokens);
    atomic_store(&replay->pause, pause < 1 ? 1 : pause);
}

double stg_replay_processor_seconds(const stg_replay *replay) { return now(replay->clock); }

void stg_replay_stop(stg_replay *replay) {
    uint64_t one = 1;
    atomic_store(&replay->is_over, 1);
    if (write(replay->bell, &one, sizeof one) < 0) shutdown(replay->listener, SHUT_RDWR);
    pthread_join(replay->thread, NULL);
    discard(replay);
}
