/**
 * The results dataset of a run: Parquet tables, manifest and commit protocol, on the local disk or
 * behind Hadoop's file systems. The only package that knows Parquet and Hadoop; everybody else
 * meets {@link stallcast.coordinator.store.RunOutput} and {@link
 * stallcast.coordinator.store.DatasetReader}.
 */
package stallcast.coordinator.store;
