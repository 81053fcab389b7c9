package org.localav.orchestrator.stage;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.job.BlockedException;

class RetriesTest {
    @Test
    void triesAgainWhatAFullDiskBroke() {
        assertTrue(Retries.worthwhile(new IOException("No space left on device")));
        assertTrue(Retries.worthwhile(new FileSystemException("/work/a", null, "No space left on device")));
        assertTrue(Retries.worthwhile(new FileSystemException("/work/a", null, "Disk quota exceeded")));
    }

    @Test
    void doesNotTryAgainWhatStaysAsItIs() {
        assertFalse(Retries.worthwhile(new FileSystemException("/work/a", null, "Not a directory")));
        assertFalse(Retries.worthwhile(new FileSystemException("/work/a")));
        assertFalse(Retries.worthwhile(new NoSuchFileException("/work/a")));
        assertFalse(Retries.worthwhile(new CancellationException("it was cancelled")));
        assertFalse(Retries.worthwhile(new BlockedException(java.util.List.of("no"))));
        assertFalse(Retries.worthwhile(new IllegalStateException("No space left on device")));
    }
}
