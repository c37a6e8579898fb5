// SPDX-License-Identifier: Apache-2.0
#include "CJinja.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <poll.h>
#include <signal.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jinja/lexer.h"
#include "jinja/parser.h"
#include "jinja/runtime.h"
#include "json.h"

namespace {

// What a template is told the time is: a prompt must not change from day to day.
constexpr time_t fixed_time = 1721995200; // 2024-07-26 12:00 UTC, which Llama's templates have for "no date"

std::string render(const std::string &source, const std::string &variables) {
    jinja::lexer lexer;
    const auto tokens = lexer.tokenize(source);
    const jinja::program program = jinja::parse_from_tokens(tokens);
    jinja::context context(source);
    context.current_time = fixed_time;
    jinja::global_from_json(context, common_json::parse(variables), false);
    jinja::runtime runtime(context);
    const jinja::value results = runtime.execute(program);
    return jinja::render_string_parts(jinja::runtime::gather_string_parts(results));
}

// ------------------------------------------------------------ the copy's side

void write_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        const ssize_t written = write(descriptor, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) _exit(1);
        bytes += written;
        count -= static_cast<size_t>(written);
    }
}

[[noreturn]] void answer(int descriptor, stg_jinja_status status, const char *text, size_t bytes) {
    const char first = static_cast<char>(status);
    write_all(descriptor, &first, 1);
    write_all(descriptor, text, bytes);
    _exit(0);
}

// Bytes of data that this process has mapped: the sixth number of /proc/self/statm, in pages.
uint64_t data_bytes() {
    char line[256] = {0};
    const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    const ssize_t count = read(file, line, sizeof line - 1);
    close(file);
    unsigned long long numbers[6] = {0};
    if (count <= 0 || sscanf(line, "%llu %llu %llu %llu %llu %llu", numbers, numbers + 1, numbers + 2, numbers + 3, numbers + 4, numbers + 5) != 6) return 0;
    return numbers[5] * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// `more`: until the system kills without a word.
void limit(int resource, rlim_t value, rlim_t more = 0) {
    const struct rlimit both = {value, value + more};
    setrlimit(static_cast<__rlimit_resource_t>(resource), &both);
}

[[noreturn]] void run_copy(int descriptor, const std::string &source, const std::string &variables, const stg_jinja_limits &limits) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // What the engine says of failed assertions, and the host's handlers, are not for this process.
    const int nowhere = open("/dev/null", O_RDWR);
    if (nowhere >= 0) { dup2(nowhere, 1); dup2(nowhere, 2); }
    for (int number : {SIGINT, SIGTERM, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU}) signal(number, SIG_DFL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, limits.processor_seconds, 1);
    limit(RLIMIT_DATA, data_bytes() + limits.memory_bytes);
    try {
        const std::string text = render(source, variables);
        if (text.size() > limits.text_bytes) answer(descriptor, STG_JINJA_MEMORY, "", 0);
        answer(descriptor, STG_JINJA_OK, text.data(), text.size());
    } catch (const std::bad_alloc &) {
        answer(descriptor, STG_JINJA_MEMORY, "", 0);
    } catch (const std::length_error &) {
        answer(descriptor, STG_JINJA_MEMORY, "", 0);
    } catch (const std::exception &error) {
        const char *what = error.what();
        // The engine wraps what it meets in its own error.
        if (strstr(what, "std::bad_alloc") != nullptr) answer(descriptor, STG_JINJA_MEMORY, "", 0);
        answer(descriptor, STG_JINJA_ERROR, what, strnlen(what, 4096));
    } catch (...) {
        answer(descriptor, STG_JINJA_ERROR, "", 0);
    }
}

// ------------------------------------------------------------ the host's side

int64_t now_ms() {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return int64_t(time.tv_sec) * 1000 + time.tv_nsec / 1000000;
}

// Whether all of it came in time.
bool read_all(int descriptor, int64_t deadline, size_t most, std::string &text) {
    char buffer[4096];
    for (;;) {
        const int64_t left = deadline - now_ms();
        struct pollfd waiting = {descriptor, POLLIN, 0};
        const int ready = left > 0 ? poll(&waiting, 1, static_cast<int>(left)) : 0;
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return false;
        const ssize_t count = read(descriptor, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return true;
        if (text.size() + static_cast<size_t>(count) > most) return true;
        text.append(buffer, static_cast<size_t>(count));
    }
}

stg_jinja_status give(stg_jinja_status status, const char *bytes, size_t count, char **text, size_t *text_bytes) {
    if (count == 0) return status;
    char *copy = static_cast<char *>(malloc(count));
    if (copy == nullptr) return STG_JINJA_MEMORY;
    memcpy(copy, bytes, count);
    *text = copy;
    *text_bytes = count;
    return status;
}

} // namespace

extern "C" stg_jinja_status stg_jinja_render(const char *source, size_t source_bytes, const char *variables, size_t variables_bytes,
                                             const stg_jinja_limits *limits, char **text, size_t *text_bytes) {
    *text = nullptr;
    *text_bytes = 0;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        const char *why = strerror(errno);
        return give(STG_JINJA_SYSTEM, why, strlen(why), text, text_bytes);
    }
    // Made before the copy is: what it needs of the host's memory is there.
    const std::string template_text(source, source_bytes), variables_text(variables, variables_bytes);
    const pid_t child = fork();
    if (child == 0) run_copy(ends[1], template_text, variables_text, *limits);
    close(ends[1]);
    if (child < 0) {
        const char *why = strerror(errno);
        close(ends[0]);
        return give(STG_JINJA_SYSTEM, why, strlen(why), text, text_bytes);
    }
    std::string told;
    const bool in_time = read_all(ends[0], now_ms() + int64_t(limits->clock_seconds) * 1000, limits->text_bytes + 4097, told);
    close(ends[0]);
    kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (!in_time) return STG_JINJA_TIME;
    if (told.empty()) return WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU ? STG_JINJA_TIME : STG_JINJA_CRASH;
    return give(static_cast<stg_jinja_status>(told[0]), told.data() + 1, told.size() - 1, text, text_bytes);
}
