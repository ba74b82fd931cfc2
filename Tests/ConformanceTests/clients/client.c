/* A short session of ZooKeeper's C client: what it does is printed, one line a step, for test_c_client.py to read.
 *
 * Usage: client HOST:PORT PATH
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zookeeper/zookeeper.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int connected = 0;
static int fired = 0;

/* Waits until *flag is set, ten seconds at most. */
static void wait_for(int *flag, const char *what) {
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 10;
    pthread_mutex_lock(&lock);
    while (!*flag) {
        if (pthread_cond_timedwait(&changed, &lock, &deadline) != 0) {
            printf("no %s within ten seconds\n", what);
            exit(1);
        }
    }
    pthread_mutex_unlock(&lock);
}

static void set(int *flag) {
    pthread_mutex_lock(&lock);
    *flag = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void on_session(zhandle_t *handle, int type, int state, const char *path, void *context) {
    (void)handle, (void)path, (void)context;
    if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE) set(&connected);
}

static void on_change(zhandle_t *handle, int type, int state, const char *path, void *context) {
    (void)handle, (void)state, (void)path, (void)context;
    if (type == ZOO_CHANGED_EVENT) set(&fired);
}

static void step(const char *name, int error) {
    printf("%s %d\n", name, error);
    fflush(stdout);
}

int main(int count, char **arguments) {
    char created[256], child[300], data[64];
    int length = sizeof data;
    struct Stat stat;
    struct String_vector children;
    zoo_op_t operations[3];
    zoo_op_result_t results[3];

    if (count != 3) return 2;
    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    zhandle_t *handle = zookeeper_init(arguments[1], on_session, 10000, NULL, NULL, 0);
    if (handle == NULL) return 2;
    wait_for(&connected, "connection");

    step("create", zoo_create(handle, arguments[2], "one", 3, &ZOO_OPEN_ACL_UNSAFE, 0, created, sizeof created));
    step("again", zoo_create(handle, arguments[2], "one", 3, &ZOO_OPEN_ACL_UNSAFE, 0, created, sizeof created));
    step("get", zoo_wget(handle, arguments[2], on_change, NULL, data, &length, &stat));
    printf("data %.*s version %d\n", length, data, stat.version);
    step("set", zoo_set(handle, arguments[2], "two", 3, 0));
    wait_for(&fired, "watch event");
    step("stale set", zoo_set(handle, arguments[2], "three", 5, 0));

    snprintf(child, sizeof child, "%s/s-", arguments[2]);
    step("sequence", zoo_create(handle, child, NULL, -1, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL | ZOO_SEQUENCE, created,
                                sizeof created));
    printf("created %s\n", created + strlen(arguments[2]));
    step("children", zoo_get_children(handle, arguments[2], 0, &children));
    printf("count %d first %s\n", children.count, children.count ? children.data[0] : "");
    deallocate_String_vector(&children);

    snprintf(child, sizeof child, "%s/m", arguments[2]);
    zoo_create_op_init(&operations[0], child, "m", 1, &ZOO_OPEN_ACL_UNSAFE, 0, created, sizeof created);
    zoo_set_op_init(&operations[1], child, "mm", 2, 0, &stat);
    zoo_check_op_init(&operations[2], arguments[2], 1);
    step("multi", zoo_multi(handle, 3, operations, results));
    zoo_check_op_init(&operations[2], arguments[2], 9);
    step("failing multi", zoo_multi(handle, 3, operations, results));
    step("exists", zoo_exists(handle, child, 0, &stat));
    printf("version %d length %d\n", stat.version, stat.dataLength);

    step("auth", zoo_add_auth(handle, "digest", "bob:pw", 6, NULL, NULL));
    snprintf(child, sizeof child, "%s/p", arguments[2]);
    step("private", zoo_create(handle, child, "", 0, &ZOO_CREATOR_ALL_ACL, 0, created, sizeof created));
    step("missing", zoo_delete(handle, "/missing-from-c", -1));
    step("close", zookeeper_close(handle));
    return 0;
}
