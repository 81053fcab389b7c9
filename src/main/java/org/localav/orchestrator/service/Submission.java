package org.localav.orchestrator.service;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A spec as it came in.
 *
 * @param name what messages call it, a file name; one that ends in {@code .json} is read as JSON
 * @param folder what its relative paths start from; the way in has checked that the client may use it
 * @param origin inbox, http or cli
 * @param key idempotency key; its name space is the way in
 */
public record Submission(String text, String name, Path folder, String origin, Optional<String> key) {}
