"""Conditions on deliveries that the partial indexes of `campaigns.models` answer, however many other rows there are.

The states are written out, not bound, and in the words of the index: only so do both databases know beforehand that
the index holds every row that is asked for. SQLite takes no equivalent for it.
"""

from sqlalchemy import ColumnElement, literal_column

from campaigns.models import Delivery
from campaigns.states import DeliveryState


def _written(state: DeliveryState) -> ColumnElement[DeliveryState]:
    return literal_column(f"'{state.value}'", Delivery.state.type)


PLANNED = Delivery.state == _written(DeliveryState.PLANNED)
BEGUN = Delivery.state.in_([_written(DeliveryState.CLAIMED), _written(DeliveryState.CALLING)])
IN_DOUBT = Delivery.state == _written(DeliveryState.IN_DOUBT)
