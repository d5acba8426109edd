"""Names of columns in five languages, as scores of what they may hold."""

from __future__ import annotations

import re
import unicodedata

# the pattern is searched in the name's words, joined by blanks; the best counts
KIND = (
    (1.0, r"^(crime type|primary type|crm cd desc|delito|delitos|offen[cs]e|offen[cs]e type|delikt|"
          r"infraction|crime|tipo (de )?delito|tipo delito|natureza apurada|case desc|subtipo|"
          r"offen[cs]e (description|name|category)|ofns desc|incident type( description)?|type of crime|straftat|"
          r"crime description|natureza|classe d infraction|kind|delito especifico|tipo de crime|crime name)$"),
    (0.85, r"\b(delito|offen[cs]e|delikt|crime|natureza|infraction|straftat|crimen|delit|ucr|rubrica|"
           r"ofensa|offen[cs]es|fait|faits|tatbestand|tat|crim|crimes|conduta|conducta|figura|ofns|delicte?|reato|"
           r"anzsoc|nibrs|straftaten)\b"),
    (0.75, r"^(type|tipo|category|categoria|categorie|kategorie|call group|final case|modalidad|"
           r"incident category|art|typ|libelle|hecho|fato|call type|event type|problem|nature)$"),
    (0.55, r"\b(type|tipo|category|categoria|categorie|description|desc|incident|subtipo|kategorie|"
           r"clase|class|modalidad|nature|grupo|group)\b"),
)  # fmt: skip
# what crimes are called in the cells themselves, by the beginnings of words
CRIMES = (
    r"\b(?:theft|larcen|robb|burgl|assault|batter|homicid|murder|manslaught|rape|arson|vandal|fraud|drug|narcot|"
    r"stolen|stealing|mischief|trespass|harass|shoplift|criminal damage|break (?:and|&) ent|auto theft|kidnap|"
    r"prostitut|forgery|robo|hurto|lesion|asalt|violenci|estafa|amenaza|droga|secuestr|extorsi|abigeato|atraco|"
    r"roub|furto|estupro|latrocin|ameac|trafico|estelionat|lesao|injuri|vol(?:s)?\b|cambriol|coups|blessures|"
    r"escroquer|degradation|stupefiant|agression|diebst|fahrraddieb|einbruch|raub|korperverl|betrug|sachbesch|"
    r"mord\b|brandst|notigung|diefstal|inbraak|vernieling|mishandel|furt\b|robator|danys|rapina|lesioni|"
    r"danneggiam|mefait|introduction|offen[cs]e|crime|delit|hom doloso|homic|furtos|vehic\w* theft|arrest|disturb|assist|traffic|dui|dwi)"
)
# sums of other rows or columns
TOTAL = (
    r"(?:gesamt|insgesamt)\b|\b(?:total\w*|totaux|subtotal|suma|soma|somme|summe|ensemble|registro ocorrencias|overall)\b|"
    r"^(?:all|todos(?: los)?|alle)(?: crimes?| offen[cs]es| delitos| incidents)?$|^(?:総|計)|計$"
)
NOT_KIND = (
    r"\b(local|place|lugar|location|premis\w*|weapon|arma|armas|outcome|resultado|status|estado|victim\w*|"
    r"vict|street|vehicle|veh\w*|method|shift|report\w*|agency|area|district|zone|zona|barrio|name|nombre|id|"
    r"code|cd|codigo|cod|number|no|nr|num|sexo|sex|age|edad|versuch|last|fbi|erfassungsgrund|unidad|"
    r"fiscalia|agencia|clearance|block|address|direccion|uso|object|resolution|disposition|source|"
    r"fahrrads|fahrzeug|gender|legislation|neighbo\w*|delegacia|municipio|part)\b"
)
DATE = (
    (0.4, r"(?:datum|zeit|tijd)\b|\b(date|fecha|data|datum|datetime|timestamp|time|dt|fec|day|dia|tag|jour|when|momento|mes|"
          r"month|monat|mois|dat|fh|anfang|beginn)\b"),
)  # fmt: skip
CRIME_TIME = (
    r"\b(occ|occur\w*|hecho|hechos|ocorr\w*|ocurr\w*|ocu|tatzeit|tat|anfang|beginn|start\w*|from|begin\w*|incident|"
    r"offen[cs]e|crime|delito|suceso|faits?|fato|fat|commis\w*|incidente|event|first|desde|occurrence|"
    r"tattag|tatdatum|comision|fr|pleeg\w*|committed|tat(?:jahr|monat|stunde)|accident)\b"
)
NOT_TIME = (
    r"\b(rep|report\w*|rptd|rpt|registr\w*|angelegt|ende|end|to|upd\w*|update\w*|modif\w*|creat\w*|comunic\w*|denunc\w*|"
    r"inicio|close\w*|clear\w*|load\w*|edit\w*|birth|nac\w*|nasc\w*|elabor\w*|estatistica|export\w*|"
    r"received|entry|entered|publi\w*|hasta|fin|dispatch\w*|arriv\w*|last|carga|captur\w*|extrac\w*|aufnahme|"
    r"erfass\w*|anzeige\w*|plainte|depot|enregistr\w*|bo emiss\w*|aprob\w*|found|recib\w*|recep\w*|actualiz\w*|"
    r"atualiz\w*|cierre|archiv\w*|bis|jusqu\w*|fechamento|lavra\w*|emiss\w*|crea|gemeldet|meld\w*|arrest\w*|aangifte|ingest\w*|ingreso|rptdate)\b"
)
CLOCK = r"(?:zeit|tijd|stunde)\b|\b(ora|orario|time|tm|time1|time2|heures|hora|horas|hour|hours|stunde|uhrzeit|heure|franja|zeit|hr|hrs|horario|hh|hhmm|hour24|uhr)\b"
X = (
    (1.0, r"^(x|lon|lng|long|longitude|longitud|geo lon|geo long|point x|coord x|x coord|x coordinate|"
          r"easting|este|coordx|xcoord|x utm|utm x|utm e|utm este|laengengrad|langengrad|geo x|"
          r"coordenada x|rechtswert|ostwert|coord m|coordenada m|coordinate x|map x|mapx|lon x|gps longitude|x coordina|long x|gps x|x coordinaat)$"),
    (0.7, r"\b(x|lon|lng|long|longitude|longitud|easting|este|coordx|xcoord|xblock|laenge|lange|ostwert|"
          r"rechtswert|gpsx|geox|utmx|utme|mapx)\b"),
    (0.55, r"\b(e|est|ost|east|oost)$"),
)  # fmt: skip
Y = (
    (1.0, r"^(y|lat|latitude|latitud|geo lat|point y|coord y|y coord|y coordinate|northing|norte|coordy|"
          r"ycoord|y utm|utm y|utm n|utm norte|breitengrad|geo y|coordenada y|hochwert|nordwert|"
          r"coord p|coordenada p|coordinate y|map y|mapy|lat y|gps latitude|y coordina|gps y|y cordinate|y coordinaat)$"),
    (0.7, r"\b(y|lat|latitude|latitud|northing|norte|coordy|ycoord|yblock|breite|nordwert|hochwert|gpsy|"
          r"geoy|utmy|utmn|mapy)\b"),
    (0.55, r"\b(n|nord|north|noord)$"),
)  # fmt: skip
ID = (
    r"\b(id|no|nr|num|number|numero|folio|expediente|case|caso|ccn|incident|record|uuid|guid|key|clave|bo|"
    r"aktenzeichen|objectid|fid|carpeta|nuc|ruc|protocolo|boletim|dossier|rms|identifiant|kennung|unique|"
    r"identificador|nuipc)\b"
    # 'N.º Ocorrência' becomes 'n o ocorrencia'
    r"|^n (?:o )?(?:d[aeo]l? )?(?:ocorrencia|incidencia|incidente|processo|proceso|atestado|auto|denuncia|"
    r"affaire|pv|registo|registro|ordem|orden|evento|hecho|participacao)\b"
)
COUNT = (
    r"^(count|counts|cantidad|quantidade|qtd|qtde|anzahl|faelle|fallzahl|nombre|nb|nombre de faits|casos|"
    r"numero de casos|numero casos|cases|conteo|frecuencia|crime count|crimes|offen[cs]es|"
    r"number of (crimes|offen[cs]es|incidents|cases)|incidents|ocorrencias|total casos|freq|frequency|"
    r"total delitos|delitos count|offen[cs]e count|incident count|num offen[cs]es|faits|hechos|"
    r"numero de delitos|cantidad (de )?(delitos|hechos|casos))$"
)
COUNTED = (
    r"\b(?:number|count|counts|total|anzahl|cantidad|cant|quantidade|qtd|qtde|nombre|nb|records|victimisations|incidents|"
    r"offen[cs]es|straftaten|faelle|falle|delitos|casos|ocorrencias|misdrijven|aantal|freq|frecuencia|faits|hechos)\b"
)
NOT_COUNTED = r"\b(?:popul\w*|pobla\w*|einwohner|bevolk\w*|habit\w*|rate|rates|tasa|taxa|taux|per|households|rank|hz)\b"
ZONE = (
    r"\b(zone|zona|district|distrito|barrio|bairro|comuna|lor|plr|area|beat|ward|tract|census|lsoa|msoa|"
    r"neighbo\w*|colonia|quartier|bezirk|stadtteil|gemeinde|commune|precinct|sector|cuadrante|agebs?|iris|"
    r"municip\w*|code|codigo|kreis|insee|geo|geoid|cod|plz)\b"
)
PARTS = {
    "year": r"(?:jahr|jaar)\b|\b(year\d?|yr|ano|anio|annee|any|anno|yyyy|aaaa)\b",
    "month": r"(?:monat|maand)\b|\b(month\d?|mes|mois|mese|mm)\b",
    "day": r"(?:tag|dag)\b|\b(day\d?|dia|jour|giorno|dd)\b",
    "hour": r"(?:stunde|uur)\b|\b(hour|hora|heure|ora|hh|hr|hrs)\b",
    "minute": r"\b(minute|minuto|minutos|min|minutes)\b",
}
MONTHS = {
    name: number
    for number, names in enumerate((
        "january jan enero ene janeiro janvier janv januar jaenner januari gener gennaio",
        "february feb febrero fevereiro fev fevrier fevr februar februari febrer febbraio",
        "march mar marzo marco mars maerz marz mrz maart mrt marc",
        "april apr abril abr avril avr aprile",
        "may mayo maio mai mei maig maggio",
        "june jun junio junho juin juni juny giugno",
        "july jul julio julho juillet juil juli juliol luglio",
        "august aug agosto ago aout augustus agost",
        "september sep sept septiembre setembro set septembre setiembre setembre settembre",
        "october oct octubre outubro out octobre oktober okt ottobre",
        "november nov noviembre novembro novembre",
        "december dec diciembre dic dezembro dez decembre dezember desembre dicembre",
    ), start=1)
    for name in names.split()
}  # fmt: skip
WEEKDAYS = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "lunes",
        "martes",
        "miercoles",
        "jueves",
        "viernes",
        "sabado",
        "domingo",
        "segunda",
        "terca",
        "quarta",
        "quinta",
        "sexta",
        "segunda-feira",
        "terca-feira",
        "quarta-feira",
        "quinta-feira",
        "sexta-feira",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        *["dilluns", "dimarts", "dimecres", "dijous", "divendres", "dissabte", "diumenge"],
        *["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
        *["lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato", "domenica"],
    ]
)
YES_NO = frozenset(
    [
        "yes",
        "no",
        "y",
        "n",
        "true",
        "false",
        "si",
        "sí",
        "ja",
        "nein",
        "oui",
        "non",
        "sim",
        "nao",
        "não",
        "t",
        "f",
        "0",
        "1",
        "s",
        "v",
        "verdadero",
        "falso",
    ]
)


def plain(text: str) -> str:
    """A text in lower case without accents."""
    parts = unicodedata.normalize("NFKD", str(text))
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold().replace("ß", "ss")


def words_of(name: str) -> str:
    """A column's name as plain words.

    Examples
    --------
    >>> words_of("FechaHecho"), words_of("TIME_OCC"), words_of("id-mapa")
    ('fecha hecho', 'time occ', 'id mapa')
    """
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", str(name))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain(apart)).split())


def best(patterns: tuple[tuple[float, str], ...], words: str) -> float:
    """The highest score of the patterns found in a name."""
    return max((score for score, pattern in patterns if re.search(pattern, words)), default=0.0)
