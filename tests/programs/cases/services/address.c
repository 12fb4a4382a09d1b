// getaddrinfo reads a numeric address.

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(void) {
  struct addrinfo hints, *list;
  memset(&hints, 0, sizeof hints);
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  printf("status %d\n", getaddrinfo("127.0.0.1", "80", &hints, &list));
  struct sockaddr_in* address = (struct sockaddr_in*)list->ai_addr;
  printf("%s %d\n", inet_ntoa(address->sin_addr), ntohs(address->sin_port));
  freeaddrinfo(list);
  return 0;
}
