package org.localav.orchestrator.redis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.localav.orchestrator.store.Bell.Line;
import redis.clients.jedis.JedisPooled;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XAutoClaimParams;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.StreamEntry;

/**
 * Notes that a job waits: a stream for each set of labels and band of priority, read by one group of all nodes, so that each
 * note comes to one node. A note is a turn to ask the store for a job, and not that job: so it may be lost or one too many.
 */
final class Turns {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String LINES = "avo:lines";
    private static final String GROUP = "nodes";
    private static final String SWEEP = "avo:sweep";

    /** One node sweeps for all in this time. */
    private static final long SWEEP_MILLIS = 4_000;

    /** A note that was read and not taken away for so long belonged to a node that died over it. */
    private static final long DEAD_MILLIS = 10_000;

    private static final int AT_ONCE = 1_000;

    private final JedisPooled redis;
    private final String node;

    Turns(JedisPooled redis, String node) {
        this.redis = redis;
        this.node = node;
    }

    private static String key(Line line) {
        return "avo:queue:" + line.band() + ":" + json(line.labels());
    }

    private static String json(List<String> labels) {
        try {
            return JSON.writeValueAsString(labels);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Line line(String key) {
        String[] parts = key.split(":", 4);
        try {
            return new Line(JSON.readValue(parts[3], new TypeReference<List<String>>() {}), Integer.parseInt(parts[2]));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Redis holds a queue that no node has made: " + key, e);
        }
    }

    void offer(Line line, int jobs) {
        String key = key(line);
        redis.sadd(LINES, key);
        group(key);
        for (int i = 0; i < jobs; i++) {
            redis.xadd(
                    key,
                    Map.of("by", node),
                    XAddParams.xAddParams().maxLen(100_000).approximateTrimming());
        }
    }

    private void group(String key) {
        try {
            redis.xgroupCreate(key, GROUP, new StreamEntryID(), true);
        } catch (JedisDataException e) {
            if (!e.getMessage().startsWith("BUSYGROUP")) {
                throw e;
            }
        }
    }

    /** Takes a note of the highest band there is. */
    boolean take(Predicate<List<String>> mine) {
        List<String> keys = new ArrayList<>(redis.smembers(LINES));
        keys.sort(Comparator.comparing((String key) -> line(key).band()).reversed());
        for (String key : keys) {
            if (mine.test(line(key).labels()) && take(key)) {
                return true;
            }
        }
        return false;
    }

    private boolean take(String key) {
        try {
            List<Map.Entry<String, List<StreamEntry>>> read = redis.xreadGroup(
                    GROUP,
                    node,
                    XReadGroupParams.xReadGroupParams().count(1),
                    Map.of(key, StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY));
            if (read == null || read.isEmpty()) {
                return false;
            }
            StreamEntryID id = read.get(0).getValue().get(0).getID();
            redis.xack(key, GROUP, id);
            redis.xdel(key, id);
            return true;
        } catch (JedisDataException e) {
            // Redis was wiped in between.
            return false;
        }
    }

    void refill(Supplier<Map<Line, Integer>> waiting) {
        if (redis.set(SWEEP, node, SetParams.setParams().nx().px(SWEEP_MILLIS)) == null) {
            return;
        }
        waiting.get().forEach((line, jobs) -> {
            String key = key(line);
            redis.sadd(LINES, key);
            group(key);
            forgetDead(key);
            offer(line, (int) Math.max(0, Math.min(AT_ONCE, jobs - redis.xlen(key))));
        });
    }

    private void forgetDead(String key) {
        redis.xautoclaim(
                        key,
                        GROUP,
                        node,
                        DEAD_MILLIS,
                        new StreamEntryID(),
                        XAutoClaimParams.xAutoClaimParams().count(AT_ONCE))
                .getValue()
                .forEach(entry -> {
                    redis.xack(key, GROUP, entry.getID());
                    redis.xdel(key, entry.getID());
                });
    }
}
