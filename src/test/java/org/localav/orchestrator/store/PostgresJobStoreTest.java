package org.localav.orchestrator.store;

/** The same of a store on a PostgreSQL server. */
class PostgresJobStoreTest extends SqlJobStoreTest {
    private String url;

    @Override
    SqlJobStore open() throws Exception {
        if (url == null) {
            url = LocalPostgres.common().store();
        }
        return SqlJobStore.open(url, "");
    }
}
