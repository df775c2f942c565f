// plain: a WebSocket broadcast server as plain as C allows, to compare with. It knows no topics, no store and no
// slow clients.
//
//   plain PORT
//
// Accepts every handshake that sends RFC 6455's sample key (section 1.3), so that it needs no SHA-1.
// Reads lines "burst MESSAGES BYTES one|joined": sends that many messages of that many bytes to every socket, with
// one `send` per socket and message, or with one joined `send` per socket; prints one JSON object for each.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
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

enum { MOST = 65536 };
static char shaken[MOST];
static int sockets[MOST], count;

static uint64_t now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }

static void write_all(int fd, const unsigned char *p, size_t n) {
  while (n) {
    ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) return;
      struct pollfd full = {.fd = fd, .events = POLLOUT};
      poll(&full, 1, 1000);
      continue;
    }
    p += sent; n -= sent;
  }
}

static int frame(unsigned char *to, int size, uint64_t due) {  // one unmasked binary frame
  int head = 2;
  to[0] = 0x82;
  if (size < 126) to[1] = size; else { to[1] = 126; to[2] = size >> 8; to[3] = size; head = 4; }
  memset(to + head, '.', size);
  int n = sprintf((char *)to + head, "TS=%lu", due);
  to[head + n] = ' ';
  return head + size;
}

static void burst(int messages, int size, int joined) {
  uint64_t due = now(); long sends = 0;
  unsigned char *all = malloc((size_t)messages * (size + 4));
  int one = 0;
  for (int m = 0; m < messages; m++) one = frame(all + (size_t)m * one, size, due);
  if (joined) {
    for (int i = 0; i < count; i++) { write_all(sockets[i], all, (size_t)one * messages); sends++; }
  } else {
    for (int m = 0; m < messages; m++)
      for (int i = 0; i < count; i++) { write_all(sockets[i], all + (size_t)m * one, one); sends++; }
  }
  free(all);
  printf("{\"event\":\"burst\",\"sockets\":%d,\"sends\":%ld,\"seconds\":%.6f}\n", count, sends, (now() - due) / 1e9);
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  signal(SIGPIPE, SIG_IGN);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1, ep = epoll_create1(0);
  setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  at.sin_addr.s_addr = htonl(0x7f000001);
  if (bind(door, (void *)&at, sizeof at) < 0 || listen(door, 4096) < 0) { perror("plain"); return 1; }
  struct epoll_event e = {.events = EPOLLIN, .data.fd = door}, events[512];
  epoll_ctl(ep, EPOLL_CTL_ADD, door, &e);
  e.data.fd = 0;
  epoll_ctl(ep, EPOLL_CTL_ADD, 0, &e);
  printf("{\"event\":\"listening\"}\n");
  fflush(stdout);
  char line[256], head[8192];
  for (;;) {
    int k = epoll_wait(ep, events, 512, -1);
    for (int i = 0; i < k; i++) {
      int fd = events[i].data.fd;
      if (fd == 0) {
        int messages, size; char how[16];
        if (!fgets(line, sizeof line, stdin)) return 0;
        if (sscanf(line, "burst %d %d %15s", &messages, &size, how) == 3) burst(messages, size, !strcmp(how, "joined"));
      } else if (fd == door) {
        int got;
        while ((got = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          if (got >= MOST) { close(got); continue; }
          setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          shaken[got] = 0;
          e.data.fd = got;
          epoll_ctl(ep, EPOLL_CTL_ADD, got, &e);
        }
      } else {
        ssize_t n = recv(fd, head, sizeof head - 1, 0);
        if (n <= 0) {
          for (int s = 0; s < count; s++) if (sockets[s] == fd) sockets[s--] = sockets[--count];
          close(fd);
        } else if (!shaken[fd]) {  // a handshake of loopback comes whole
          static const char yes[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Protocol: kentongan.v1.msgpack\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
          shaken[fd] = 1;
          sockets[count++] = fd;
          write_all(fd, (const unsigned char *)yes, sizeof yes - 1);
        }
      }
    }
  }
}
