// swarm: thousands of WebSocket clients in one process, because a Python client is slower than the hub.
//
//   swarm -p PORT -n SOCKETS -r RATE [-t TOKENS] [-j TOPIC]... [-w WINDOW] [-k KEEP] [-s SECONDS]
//
//   -n  sockets to open in all, 0: no limit (then -s ends the opening)
//   -r  connections started per second; -w: at most so many unanswered at once
//   -t  a file of lines "token person"; socket i takes line i, and says hello and joins once it is connected.
//       Without it a socket is ready with its handshake (for the plain server).
//   -j  a topic to join; "%" in it stands for the line's person
//   -k  close the oldest ready socket beyond so many, every second one without a goodbye (0: keep all)
//   -s  stop opening after so many seconds
//
// Reads lines: "reset" forgets figures, "stats" prints them, "await N" prints them once N messages have come,
// "close" closes all sockets; the end of stdin ends it. Prints one JSON object per line.
// A message is any frame with "TS=<CLOCK_MONOTONIC ns>", and any `moved` with its fix's `fix_at`, which its sender takes
// for the moment at which it is due; a latency ends when the frame's bytes were read.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FREE, CONNECTING, SHAKING, JOINING, READY, CLOSING, GONE };
typedef struct { int fd, state, joined; uint32_t number, kept, room; unsigned char *rest; uint64_t began; } Conn;
typedef struct { uint64_t *at; size_t count, room; } Times;

static Conn *conns;
static size_t conns_room, started, oldest;
static Times latency, readying;
static uint64_t failed, lost, ready, shaken, closed, messages, changes, folded, moved, beats, byes, refused, bytes, reads;
static uint64_t first_due, last_read, wanted;
static char **tokens; static size_t n_tokens;
static char *topics[8]; static int n_topics;
static int ep, port = 8000;
static unsigned char in[1 << 20];

static uint64_t now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }

static void add(Times *to, uint64_t ns) {
  if (to->count == to->room) { to->room = to->room ? to->room * 2 : 4096; to->at = realloc(to->at, to->room * 8); }
  to->at[to->count++] = ns;
}

static int smaller(const void *a, const void *b) { uint64_t x = *(uint64_t *)a, y = *(uint64_t *)b; return x < y ? -1 : x > y; }

static double quantile(Times *of, double q) {  // in ms; sorts in place
  if (!of->count) return 0;
  return of->at[(size_t)((of->count - 1) * q)] / 1e6;
}

static void drop(Conn *c) {
  if (c->fd >= 0) close(c->fd);
  free(c->rest);
  c->rest = NULL; c->fd = -1; c->kept = c->room = 0;
  c->state = GONE;
}

static void failed_at(Conn *c) {
  if (c->state == READY) lost++; else if (c->state == CLOSING) closed++; else failed++;
  drop(c);
}

static void start(void) {
  if (started == conns_room) { fprintf(stderr, "too many sockets\n"); exit(1); }
  Conn *c = &conns[started];
  memset(c, 0, sizeof *c);
  c->number = started++; c->began = now(); c->state = CONNECTING;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) { failed_at(c); return; }
  int one = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  // Addresses of our own, so that ports of one do not run out.
  setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
  from.sin_addr.s_addr = htonl(0x7f000002 + c->number % 16);
  to.sin_addr.s_addr = htonl(0x7f000001);
  bind(c->fd, (void *)&from, sizeof from);
  if (connect(c->fd, (void *)&to, sizeof to) < 0 && errno != EINPROGRESS) { failed_at(c); return; }
  struct epoll_event e = {.events = EPOLLOUT, .data.ptr = c};
  epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
}

static void shake(Conn *c) {
  int error = 0; socklen_t size = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) { failed_at(c); return; }
  char head[1024], bearer[300] = "";
  if (n_tokens) {
    char *line = tokens[c->number % n_tokens];
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %.*s\r\n", (int)strcspn(line, " "), line);
  }
  int length = snprintf(head, sizeof head,
    "GET /v1/live HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: kentongan.v1.msgpack\r\n%s\r\n", port, bearer);
  if (send(c->fd, head, length, MSG_NOSIGNAL) != length) { failed_at(c); return; }
  c->state = SHAKING;
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
}

static int framed(unsigned char *to, int opcode, const void *payload, int size) {  // masked with zeros; size < 126
  to[0] = 0x80 | opcode; to[1] = 0x80 | size;
  memset(to + 2, 0, 4);
  memcpy(to + 6, payload, size);
  return 6 + size;
}

static int text(unsigned char *to, const char *s) { int n = strlen(s); if (n < 32) { to[0] = 0xa0 | n; memcpy(to + 1, s, n); return n + 1; } to[0] = 0xd9; to[1] = n; memcpy(to + 2, s, n); return n + 2; }

static void greet(Conn *c) {
  unsigned char out[2048], frame[256];
  int size = framed(out, 2, "\x81\xa1t\xa5hello", 9);
  char *person = strchr(tokens[c->number % n_tokens], ' ');
  for (int i = 0; i < n_topics; i++) {
    char name[120]; char *mark = strchr(topics[i], '%');
    if (mark && person) snprintf(name, sizeof name, "%.*s%s%s", (int)(mark - topics[i]), topics[i], person + 1, mark + 1);
    else snprintf(name, sizeof name, "%s", topics[i]);
    int n = 0;
    frame[n++] = 0x83; n += text(frame + n, "t"); n += text(frame + n, "join");
    n += text(frame + n, "ref"); frame[n++] = i + 1;
    n += text(frame + n, "topic"); n += text(frame + n, name);
    size += framed(out + size, 2, frame, n);
  }
  if (send(c->fd, out, size, MSG_NOSIGNAL) != size) failed_at(c);
}

static void is_ready(Conn *c) { c->state = READY; ready++; add(&readying, now() - c->began); }

static void took(uint64_t due, uint64_t at) {
  if (!first_due || due < first_due) first_due = due;
  last_read = at;
  messages++;
  add(&latency, at - due);
}

static uint64_t due_of_fix(unsigned char *p, uint64_t n) {  // milliseconds since 1970, brought to our clock; 0: no fix
  unsigned char *found = memmem(p, n, "\xa6" "fix_at\xcf", 8);
  if (!found || found + 16 > p + n) return 0;
  uint64_t ms = 0;
  for (int i = 8; i < 16; i++) ms = ms << 8 | found[i];
  struct timespec t; clock_gettime(CLOCK_REALTIME, &t);
  return now() - (t.tv_sec * 1000000000ull + t.tv_nsec - ms * 1000000ull);
}

static void receive(Conn *c, int opcode, unsigned char *p, uint64_t n, uint64_t at) {
  if (opcode == 8) {
    unsigned char out[16];
    if (c->state != CLOSING && send(c->fd, out, framed(out, 8, p, n < 2 ? 0 : 2), MSG_NOSIGNAL) < 0) return;
    return;
  }
  if (n_tokens && n > 8 && p[1] == 0xa1 && p[2] == 't') {
    char *kind = (char *)p + 4;
    if (!memcmp(kind, "change", 6)) changes++;
    else if (!memcmp(kind, "folded", 6)) folded++;
    else if (!memcmp(kind, "moved", 5)) {
      uint64_t due = due_of_fix(p, n);
      moved++;
      if (due) took(due, at);
      return;
    }
    else if (!memcmp(kind, "beat", 4)) { beats++; return; }
    else if (!memcmp(kind, "welcome", 7)) return;
    else if (!memcmp(kind, "bye", 3)) { byes++; return; }
    else if (!memcmp(kind, "reply", 5)) { refused++; return; }
    else if (!memcmp(kind, "resumed", 7) || (!memcmp(kind, "state", 5) && memmem(p + (n > 64 ? n - 64 : 0), n > 64 ? 64 : n, "\xa4last\xc3", 6))) {
      if (c->state == JOINING && ++c->joined == n_topics) is_ready(c);
      return;
    }
  }
  unsigned char *end = p + n, *found = memmem(p, n, "TS=", 3);
  for (; found; found = memmem(found + 3, end - found - 3, "TS=", 3)) {
    uint64_t due = 0;
    for (unsigned char *d = found + 3; d < end && *d >= '0' && *d <= '9'; d++) due = due * 10 + (*d - '0');
    took(due, at);
  }
}

static uint32_t parse(Conn *c, unsigned char *b, uint32_t n, uint64_t at) {  // bytes used
  uint32_t used = 0;
  if (c->state == SHAKING) {
    unsigned char *end = memmem(b, n, "\r\n\r\n", 4);
    if (!end) return 0;
    if (n < 12 || memcmp(b + 9, "101", 3)) {
      if (failed < 3) fprintf(stderr, "%.*s\n", (int)(n < 300 ? n : 300), b);
      failed_at(c);
      return n;
    }
    shaken++;
    used = end + 4 - b;
    if (n_tokens) { c->state = JOINING; greet(c); if (c->state == GONE) return n; if (!n_topics) is_ready(c); } else is_ready(c);
  }
  while (n - used >= 2) {
    unsigned char *f = b + used; uint64_t size = f[1] & 127; uint32_t head = 2;
    if (size == 126) { if (n - used < 4) break; size = f[2] << 8 | f[3]; head = 4; }
    else if (size == 127) { if (n - used < 10) break; size = 0; for (int i = 2; i < 10; i++) size = size << 8 | f[i]; head = 10; }
    if (n - used < head + size) break;
    receive(c, f[0] & 15, f + head, size, at);
    used += head + size;
  }
  return used;
}

static void readable(Conn *c) {
  ssize_t got = recv(c->fd, in, sizeof in, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) { failed_at(c); return; }
  uint64_t at = now();
  bytes += got; reads++;
  unsigned char *b = in; uint32_t n = got;
  if (c->kept) {
    if (c->kept + n > c->room) c->rest = realloc(c->rest, c->room = c->kept + n);
    memcpy(c->rest + c->kept, in, n);
    b = c->rest; n += c->kept;
  }
  uint32_t used = parse(c, b, n, at);
  if (c->state == GONE) return;
  uint32_t left = n - used;
  if (!left) { free(c->rest); c->rest = NULL; c->kept = c->room = 0; return; }
  if (b == in) { c->rest = malloc(c->room = left); memcpy(c->rest, in + used, left); }
  else memmove(c->rest, c->rest + used, left);
  c->kept = left;
}

static void leave(Conn *c, int goodbye) {
  unsigned char out[16];
  if (c->state != READY) return;
  c->state = CLOSING;
  int size = framed(out, 8, "\x03\xe8", 2);
  if (!goodbye || send(c->fd, out, size, MSG_NOSIGNAL) != size) { closed++; drop(c); }
}

static void print_stats(const char *event) {
  qsort(latency.at, latency.count, 8, smaller);
  qsort(readying.at, readying.count, 8, smaller);
  double span = last_read > first_due ? (last_read - first_due) / 1e9 : 0;
  printf("{\"event\":\"%s\",\"started\":%zu,\"shaken\":%lu,\"ready\":%lu,\"failed\":%lu,\"lost\":%lu,\"closed\":%lu,"
         "\"refused\":%lu,\"byes\":%lu,\"beats\":%lu,\"messages\":%lu,\"changes\":%lu,\"folded\":%lu,\"moved\":%lu,\"bytes\":%lu,\"reads\":%lu,"
         "\"span_s\":%.6f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,"
         "\"ready_p50_ms\":%.3f,\"ready_p99_ms\":%.3f}\n",
         event, started, shaken, ready, failed, lost, closed, refused, byes, beats, messages, changes, folded, moved, bytes, reads,
         span, quantile(&latency, .5), quantile(&latency, .9), quantile(&latency, .99), quantile(&latency, 1),
         quantile(&readying, .5), quantile(&readying, .99));
  fflush(stdout);
}

static void forget(void) {
  latency.count = readying.count = 0;
  messages = changes = folded = moved = bytes = reads = beats = first_due = last_read = 0;
}

static void obey(char *line) {
  if (!strncmp(line, "reset", 5)) { forget(); printf("{\"event\":\"reset\"}\n"); fflush(stdout); }
  else if (!strncmp(line, "stats", 5)) print_stats("stats");
  else if (!strncmp(line, "await ", 6)) wanted = strtoull(line + 6, NULL, 10);
  else if (!strncmp(line, "close", 5)) { for (size_t i = 0; i < started; i++) leave(&conns[i], 1); }
}

int main(int argc, char **argv) {
  size_t n = 1000, keep = 0, window = 256; double rate = 2000, seconds = 1e9;
  FILE *file = NULL;
  for (int o; (o = getopt(argc, argv, "p:n:r:t:j:w:k:s:")) != -1;) {
    if (o == 'p') port = atoi(optarg);
    else if (o == 'n') n = atol(optarg);
    else if (o == 'r') rate = atof(optarg);
    else if (o == 't') file = fopen(optarg, "r");
    else if (o == 'j' && n_topics < 8) topics[n_topics++] = optarg;
    else if (o == 'w') window = atol(optarg);
    else if (o == 'k') keep = atol(optarg);
    else if (o == 's') seconds = atof(optarg);
    else return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (file) {
    char line[400]; size_t room = 0;
    while (fgets(line, sizeof line, file)) {
      line[strcspn(line, "\n")] = 0;
      if (n_tokens == room) tokens = realloc(tokens, (room = room ? room * 2 : 1024) * sizeof *tokens);
      tokens[n_tokens++] = strdup(line);
    }
  }
  conns_room = n ? n : 400000;
  conns = calloc(conns_room, sizeof *conns);
  ep = epoll_create1(0);
  fcntl(0, F_SETFL, O_NONBLOCK);
  struct epoll_event control = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(ep, EPOLL_CTL_ADD, 0, &control);
  static char said[4096]; size_t heard = 0;
  struct epoll_event events[512];
  uint64_t began = now(), opening_s = 0; int opened = 0, all_closed = 0;
  for (;;) {
    double gone = (now() - began) / 1e9;
    int opening = (!n || started < n) && gone < seconds;
    while (opening && (!n || started < n) && started < gone * rate && started - ready - failed < window) start();
    if (!opened && !opening && ready + failed >= started) {
      opened = 1; opening_s = now() - began;
      printf("{\"event\":\"opened\",\"ready\":%lu,\"failed\":%lu,\"lost\":%lu,\"seconds\":%.3f}\n", ready, failed, lost, opening_s / 1e9);
      fflush(stdout);
    }
    while (keep && ready - closed - lost > keep && oldest < started) {
      Conn *c = &conns[oldest++];
      if (c->state == READY) leave(c, c->number % 2); else if (c->state != GONE && c->state != CLOSING) { oldest--; break; }
    }
    if (opened && !all_closed && ready && closed + lost == ready) { all_closed = 1; printf("{\"event\":\"closed\"}\n"); fflush(stdout); }
    if (wanted && messages >= wanted) { wanted = 0; print_stats("stats"); }
    int k = epoll_wait(ep, events, 512, opening ? 1 : 100);
    for (int i = 0; i < k; i++) {
      Conn *c = events[i].data.ptr;
      if (!c) {
        ssize_t got = read(0, said + heard, sizeof said - heard - 1);
        if (got == 0) return 0;
        if (got > 0) {
          heard += got; said[heard] = 0;
          for (char *end; (end = strchr(said, '\n')); heard = strlen(said)) { *end = 0; obey(said); memmove(said, end + 1, strlen(end + 1) + 1); }
        }
      } else if (c->state == CONNECTING) shake(c);
      else if (c->state != GONE) readable(c);
    }
  }
}
