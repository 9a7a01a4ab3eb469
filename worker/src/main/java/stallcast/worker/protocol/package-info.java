/** Messages between coordinator and workers. */
package stallcast.worker.protocol;
