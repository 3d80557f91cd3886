"""How migrations run: in the transaction of whoever opens the season."""

from alembic import context

from sharematch.season.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the transaction around it is the caller's
)
context.run_migrations()
