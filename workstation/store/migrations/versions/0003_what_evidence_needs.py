"""what evidence needs"""


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
    # by hand
    # end by hand
