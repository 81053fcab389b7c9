package org.localav.orchestrator.store;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
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
 * A store in an SQLite file, of one process alone. One connection writes; a few others read beside it. What a transaction
 * wrote is on the disk when it returns.
 */
final class SqliteFile extends Database {
    private static final String MIGRATIONS = "classpath:org/localav/orchestrator/store/migrations/sqlite";
    private static final Duration BUSY = Duration.ofSeconds(10);
    private static final int READERS = 4;

    private final Path file;
    private final FolderLock owned;
    private final Jdbi writing;
    private final Jdbi reading;

    private SqliteFile(Path file, FolderLock owned) {
        super(READERS);
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
            opened.update();
            opened.start();
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

    /** Brings the file up to date. Reading its head also finds a file that is no store, or is cut short. */
    private void update() {
        int schema = read(handle ->
                handle.createQuery("PRAGMA user_version").mapTo(Integer.class).one());
        if (schema > SCHEMA) {
            throw new StoreException(
                    "the job store " + file + " was written by a newer version of this program (its schema is " + schema
                            + ", this version knows " + SCHEMA
                            + "); run that version, or give this one another state.folder",
                    null);
        }
        if (schema == SCHEMA) {
            // Asking Flyway would take longer than all the rest of a start.
            return;
        }
        try {
            Flyway.configure(SqliteFile.class.getClassLoader())
                    .dataSource(source(file, false))
                    .locations(MIGRATIONS)
                    .failOnMissingLocations(true)
                    .loggers("slf4j")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw failed("brought up to date", e);
        }
    }

    @Override
    String place() {
        return file.toString();
    }

    @Override
    Handle openWriter() {
        return writing.open();
    }

    @Override
    Handle openReader() {
        Handle reader = reading.open();
        reader.execute("PRAGMA query_only = ON");
        return reader;
    }

    /** The lock on the file is enough: no other process writes. */
    @Override
    void lock(Handle writer) {}

    @Override
    boolean works(Handle reader) {
        return true;
    }

    @Override
    boolean shared() {
        return false;
    }

    @Override
    Optional<Bell> bell() {
        return Optional.empty();
    }

    @Override
    long now(Handle handle) {
        return System.currentTimeMillis();
    }

    @Override
    StoreException failed(String what, Throwable e) {
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

    @Override
    void release() {
        try {
            owned.close();
        } catch (IOException e) {
            throw new StoreException("the lock " + owned.file() + " could not be released: " + said(e), e);
        }
    }
}
