package org.localav.orchestrator.store;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.localav.orchestrator.job.FolderLock;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConfig.TempStore;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The SQLite file of a store: everything about it that another database would do otherwise. One connection writes, under a
 * lock; a few others read beside it. What a transaction wrote is on the disk when it returns.
 */
final class SqliteFile implements AutoCloseable {
    private static final String MIGRATIONS = "classpath:org/localav/orchestrator/store/migrations/sqlite";
    private static final Duration BUSY = Duration.ofSeconds(10);
    private static final int READERS = 4;

    private final Path file;
    private final FolderLock owned;
    private final Jdbi writing;
    private final Jdbi reading;
    private final ReentrantLock writerLock = new ReentrantLock();
    private final Semaphore readersLeft = new Semaphore(READERS);
    private final Deque<Handle> readers = new ArrayDeque<>();
    private Handle writer;
    private boolean closed;

    private SqliteFile(Path file, FolderLock owned) {
        this.file = file;
        this.owned = owned;
        this.writing = Jdbi.create(source(file, false));
        this.reading = Jdbi.create(source(file, true));
    }

    /** Opens the file in the folder, makes it where there is none, and brings an older one up to date. */
    static SqliteFile open(Path folder) {
        Path file = folder.resolve("jobs.db");
        FolderLock lock = lock(folder);
        try {
            prepareNativeLibrary(folder.resolve("tmp"));
            SqliteFile opened = new SqliteFile(file, lock);
            opened.check();
            opened.migrate();
            return opened;
        } catch (RuntimeException | IOException | LinkageError e) {
            release(lock, e);
            if (e instanceof StoreException known) {
                throw known;
            }
            throw new StoreException("the job store " + file + " could not be opened: " + said(e), e);
        }
    }

    private static FolderLock lock(Path folder) {
        Path lock = folder.resolve("jobs.lock");
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return FolderLock.of(lock)
                    .orElseThrow(() -> new StoreException(
                            "the job store in " + folder
                                    + " is in use by another service; end that one, or give this one another state.folder",
                            null));
        } catch (IOException e) {
            throw new StoreException(
                    "the folder of the job store " + folder + " can't be written (" + said(e)
                            + "); make it a folder that this user may write, or choose another state.folder",
                    e);
        }
    }

    /** A killed process leaves SQLite's native library where it was unpacked: in a folder of ours it can be swept. */
    private static void prepareNativeLibrary(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> left = Files.list(folder)) {
                for (Path path : left.toList()) {
                    Files.deleteIfExists(path);
                }
            }
        } else {
            Files.createDirectory(folder);
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        System.setProperty("org.sqlite.tmpdir", folder.toString());
    }

    private static SQLiteDataSource source(Path file, boolean readOnly) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(SynchronousMode.FULL);
        config.setBusyTimeout((int) BUSY.toMillis());
        config.setTempStore(TempStore.MEMORY);
        config.enforceForeignKeys(true);
        config.setTransactionMode(readOnly ? TransactionMode.DEFERRED : TransactionMode.IMMEDIATE);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    /** Finds a file that is no store or is cut short; a look at every page would take a second for every gigabyte or two. */
    private void check() {
        read(handle -> handle.createQuery("SELECT count(*) FROM sqlite_master")
                .mapTo(Integer.class)
                .one());
    }

    private void migrate() {
        Flyway flyway = Flyway.configure(SqliteFile.class.getClassLoader())
                .dataSource(source(file, false))
                .locations(MIGRATIONS)
                .failOnMissingLocations(true)
                .loggers("slf4j")
                .load();
        try {
            Optional<MigrationInfo> newer = Arrays.stream(flyway.info().applied())
                    .filter(migration -> !migration.getState().isResolved())
                    .findAny();
            if (newer.isPresent()) {
                throw new StoreException(
                        "the job store " + file + " was written by a newer version of this program (its schema is "
                                + newer.get().getVersion()
                                + "); run that version, or give this one another state.folder",
                        null);
            }
            flyway.migrate();
        } catch (FlywayException e) {
            throw failed("brought up to date", e);
        }
    }

    Path place() {
        return file;
    }

    /** Runs one transaction; nothing of it stays when it throws. */
    <T> T write(HandleCallback<T, RuntimeException> work) {
        writerLock.lock();
        try {
            if (closed) {
                throw new StoreException("the job store " + file + " is closed", null);
            }
            if (writer == null) {
                writer = writing.open();
            }
            return writer.inTransaction(work);
        } catch (JdbiException e) {
            // Whatever state it is in: the next transaction begins with a connection of its own.
            dropWriter(e);
            throw failed("written", e);
        } finally {
            writerLock.unlock();
        }
    }

    private void dropWriter(JdbiException reason) {
        if (writer != null) {
            try {
                writer.close();
            } catch (JdbiException e) {
                reason.addSuppressed(e);
            }
            writer = null;
        }
    }

    /** Reads beside the writer: what was committed when it begins. */
    <T> T read(HandleCallback<T, RuntimeException> work) {
        readersLeft.acquireUninterruptibly();
        Handle reader = null;
        try {
            reader = takeReader();
            T found = reader.inTransaction(work);
            putBack(reader);
            reader = null;
            return found;
        } catch (JdbiException e) {
            throw failed("read", e);
        } finally {
            if (reader != null) {
                reader.close();
            }
            readersLeft.release();
        }
    }

    private Handle takeReader() {
        synchronized (readers) {
            if (closed) {
                throw new StoreException("the job store " + file + " is closed", null);
            }
            Handle idle = readers.poll();
            if (idle != null) {
                return idle;
            }
        }
        Handle reader = reading.open();
        reader.execute("PRAGMA query_only = ON");
        return reader;
    }

    private void putBack(Handle reader) {
        synchronized (readers) {
            readers.push(reader);
        }
    }

    private StoreException failed(String what, Throwable e) {
        return new StoreException("the job store " + file + " could not be " + what + ": " + advice(e), e);
    }

    private String advice(Throwable e) {
        Optional<SQLiteErrorCode> code = code(e);
        String name = code.map(SQLiteErrorCode::name).orElse("");
        if (name.equals("SQLITE_FULL")) {
            return "the disk is full; make room on it, and the work goes on";
        }
        if (name.startsWith("SQLITE_CORRUPT") || name.equals("SQLITE_NOTADB")) {
            return "the file is damaged or is no job store; end the service, move the file away and put a copy from a backup"
                    + " in its place (or none, to begin with an empty queue)";
        }
        if (name.startsWith("SQLITE_BUSY") || name.startsWith("SQLITE_LOCKED")) {
            return "another program has kept it locked for " + BUSY.toSeconds() + " s; end that program";
        }
        if (name.startsWith("SQLITE_READONLY") || name.startsWith("SQLITE_CANTOPEN") || name.equals("SQLITE_PERM")) {
            return "it or its folder may not be written by this user; mend owner and mode of " + file.getParent()
                    + " and all in it (" + name + ")";
        }
        if (name.startsWith("SQLITE_IOERR")) {
            return "the disk failed or is full (" + name + "); look at the system's log and at the room on it";
        }
        return said(e);
    }

    private static Optional<SQLiteErrorCode> code(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLiteException sqlite) {
                return Optional.of(sqlite.getResultCode());
            }
        }
        return Optional.empty();
    }

    private static String said(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof FileSystemException) {
            return cause.getClass().getSimpleName() + ": " + cause.getMessage();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    private static void release(FolderLock lock, Throwable reason) {
        try {
            lock.close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    /** Waits for what is being read and written. */
    @Override
    public void close() {
        writerLock.lock();
        readersLeft.acquireUninterruptibly(READERS);
        try {
            synchronized (readers) {
                if (closed) {
                    return;
                }
                closed = true;
                readers.forEach(Handle::close);
                readers.clear();
            }
            if (writer != null) {
                writer.close();
            }
        } finally {
            readersLeft.release(READERS);
            writerLock.unlock();
        }
        try {
            owned.close();
        } catch (IOException e) {
            throw new StoreException("the lock " + owned.file() + " could not be released: " + said(e), e);
        }
    }
}
