"""Conditions on deliveries that the partial indexes of `campaigns.models` answer, however many other rows there are.

The states are written out, not bound, and in the words of the index: only so do both databases know beforehand that
the index holds every row that is asked for. SQLite takes no equivalent for it.
"""

from sqlalchemy import ColumnElement, and_, literal_column

from campaigns.models import Delivery
from campaigns.states import DeliveryState
from contacts.models import Channel


def _written(state: DeliveryState) -> ColumnElement[DeliveryState]:
    return literal_column(f"'{state.value}'", Delivery.state.type)


PLANNED = Delivery.state == _written(DeliveryState.PLANNED)
BEGUN = Delivery.state.in_([_written(DeliveryState.CLAIMED), _written(DeliveryState.CALLING)])
IN_DOUBT = Delivery.state == _written(DeliveryState.IN_DOUBT)
_BY_WHATSAPP = Delivery.channel == literal_column(f"'{Channel.WHATSAPP.value}'", Delivery.channel.type)
#: What Twilio took and told nothing of since.
UNHEARD = and_(Delivery.state == _written(DeliveryState.ACCEPTED), _BY_WHATSAPP)
#: What Twilio has a number for.
NAMED = and_(_BY_WHATSAPP, Delivery.provider_id != literal_column("''", Delivery.provider_id.type))
